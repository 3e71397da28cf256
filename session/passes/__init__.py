"""Passes: Plan → Plan, each a pure function; `PIPELINE` is what every plan that runs often goes through."""

from graphcore.core import flags
from graphcore.session.passes.fold import fold
from graphcore.session.passes.fuse import fuse
from graphcore.session.passes.join import join
from graphcore.session.passes.merge import merge
from graphcore.session.passes.prune import prune
from graphcore.session.plan import show
from graphcore.session.verify import verify

PIPELINE = (fold, merge, prune, join, fuse)


def optimized(plan, shapes):
    """The plan for fed arrays of these shapes, after every pass."""
    plan = plan._replace(shapes=shapes)
    for step in PIPELINE:
        plan = step(plan)
        if flags.verify.get():
            verify(plan, step.__name__)
        if flags.debug.get() >= 3:
            print(f"after {step.__name__}\n{show(plan)}")
    return plan


def keeps_shapes(plan):
    """Whether shapes that hold before a run hold during it: no node may change a variable's shape."""
    return all(node.attrs.get("validate_shape", True) for node in plan.nodes)
