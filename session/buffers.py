"""Buffers: a ufunc writes its result over an input that nothing needs any more.

That spares fresh memory, whose first touch costs more than most arithmetic.  It takes proof: the input is an
array that this run made itself, nothing else is a view of it, its shape and dtype are the result's, and this is
its last use.
"""

import numpy as np

from graphcore.session.plan import GROUPS, OWN_OPS, values_of


def made_here(plan):
    """The values whose arrays were made by an op of the plan that hands on nobody's memory."""
    return {value for node in plan.nodes if _makes_its_own(node) for value in node.outputs}


def overwritable(plan):
    """The values whose arrays belong to the run alone: made here, of known shape, and viewed by none."""
    made = {value for value in made_here(plan) if plan.sizes.get(value)}
    for node in plan.nodes:
        if node.op not in GROUPS and (node.op in OWN_OPS or node.op.aliases or node.op.stateful):
            made.difference_update(values_of(node))
    return made


def _makes_its_own(node):
    if node.op in GROUPS:
        return True
    return node.op not in OWN_OPS and not (node.op.aliases or node.op.stateful or node.guard) and len(node.outputs) == 1


def target(plan, step, free):
    """The slot of an input whose array can take the result of ``step``, or None."""
    if not isinstance(step.call, np.ufunc) or step.guard or len(step.outputs) != 1 or step.call.nout != 1:
        return None
    output = step.outputs[0]
    for slot in step.inputs:
        if slot in step.frees and slot in free and plan.sizes[slot] == plan.sizes.get(output) and \
                plan.names[slot].dtype.base is plan.names[output].dtype.base:
            return slot
    return None
