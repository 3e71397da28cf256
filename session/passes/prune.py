"""Prune: nodes and constants that nothing needs are left out."""

from graphcore.session.passes.rewriting import values_of
from graphcore.session.plan import Read


def prune(plan):
    """The plan without what has no effect and computes nothing that is wanted."""
    needed, kept = {f for f in plan.fetches if f is not None}, []
    for node in reversed(plan.nodes):
        if node.op is not Read and node.op.stateful or any(v in needed for v in node.outputs):
            kept.append(node)
            needed.update(values_of(node))
    constants = {value: array for value, array in plan.constants.items() if value in needed}
    return plan._replace(nodes=tuple(reversed(kept)), constants=constants)
