"""Prune: nodes and constants that nothing needs are left out."""

from graphcore.session.passes.rewriting import values_of


def prune(plan):
    """The plan without what has no effect and computes nothing that is wanted.

    A read stays, as it fails for an uninitialised variable, and so does what nothing took from the beginning: it
    was asked for by name or by a control dependency; but not what takes nothing and gives nothing (NoOp).
    """
    needed, kept = {f for f in plan.fetches if f is not None}, []
    for node in reversed(plan.nodes):
        asked_for = node.origin in plan.roots and (node.inputs or node.outputs)
        if node.op.stateful or node.op.checks or asked_for or not needed.isdisjoint(node.outputs):
            kept.append(node)
            needed.update(values_of(node))
    constants = {value: array for value, array in plan.constants.items() if value in needed}
    return plan._replace(nodes=tuple(reversed(kept)), constants=constants)
