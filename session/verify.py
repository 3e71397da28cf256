"""What must be true of every Plan; checked after each pass when GRAPHCORE_VERIFY is on."""


class PlanError(AssertionError):
    """A pass made a plan that does not hang together; the message lists what is wrong."""


def verify(plan, maker):
    """PlanError unless every value is made once, before its use, and what is fetched exists."""
    from graphcore.session.passes.rewriting import values_of  # the passes build on this module

    faults = []
    made = set(plan.feeds) | set(plan.constants)
    if len(made) < len(plan.feeds) + len(plan.constants):
        faults.append("a fed value is a constant as well")
    for number, node in enumerate(plan.nodes):
        missing = [v for v in values_of(node) if v not in made]
        if missing:
            faults.append(f"node {number} ({node.op.op_name}) takes {missing}, which nothing has made yet")
        again = [v for v in node.outputs if v in made]
        if again:
            faults.append(f"node {number} ({node.op.op_name}) makes {again} again")
        made.update(node.outputs)
    faults += [f"%{v} is fetched, and never made" for v in plan.fetches if v is not None and v not in made]
    faults += [f"%{v} is the user's own, and not fetched once" for v in plan.owned if plan.fetches.count(v) != 1]
    if faults:
        raise PlanError(f"after {maker}: " + "; ".join(faults))
