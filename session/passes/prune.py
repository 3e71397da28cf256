"""Prune: nodes and constants that nothing needs are left out."""

from graphcore.session.passes.rewriting import values_of
from graphcore.session.plan import OWN_OPS


def prune(plan):
    """The plan without what has no effect and computes nothing that is wanted.

    A read stays, as it fails for an uninitialised variable, and so does what nothing took from the beginning: it
    was fetched, or it is there because of a control dependency and may fail.
    """
    needed, kept = {f for f in plan.fetches if f is not None}, []
    for node in reversed(plan.nodes):
        asked_for = node.origin in plan.roots and (node.inputs or node.outputs) and (node.origin in plan.targets or _may_fail(plan, node))
        if node.op.stateful or node.op.checks or asked_for or not needed.isdisjoint(node.outputs):
            kept.append(node)
            needed.update(values_of(node))
    constants = {value: array for value, array in plan.constants.items() if value in needed}
    return plan._replace(nodes=tuple(reversed(kept)), constants=constants)


def _may_fail(plan, node):
    """Whether a run can tell that the node is not there: not where shapes are known to fit and no value is refused."""
    op = node.op
    known = all(value in plan.sizes for value in (*values_of(node), *node.outputs))
    floats = all(plan.names[value].dtype.base.is_floating for value in node.outputs)
    by_elements = floats and (op.loop is not None or getattr(op, "scalar", None) is not None)
    return not known or op in OWN_OPS or not (by_elements or op.multiplies or op.adds_up or op.same_elements)
