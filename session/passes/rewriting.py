"""What passes share: values under other names, plans with other nodes."""

import heapq

from graphcore.session.plan import PlanNode, Ref, values_of


def takes_variable(node):
    """Whether a node is given a variable itself, not only what it holds."""
    for item in node.inputs:
        if item.__class__ is Ref:
            return True
    return False


def has_effects(node):
    """Whether its place among others that have effects, or see them, counts."""
    return node.op.stateful or node.op.checks or takes_variable(node)


def in_order(takes, gives, chain=()):
    """The positions of units, so that everything is made before it is taken, and as they stand as far as that allows.

    ``takes`` and ``gives`` are the values of each; those at the positions in ``chain`` keep their order.
    """
    maker = {value: position for position, values in enumerate(gives) for value in values}
    sources = [{maker[value] for value in values if value in maker} for values in takes]
    for before, after in zip(chain, chain[1:]):
        sources[after].add(before)
    waiting, users = [len(found) for found in sources], [[] for _ in sources]
    for position, found in enumerate(sources):
        for source in found:
            users[source].append(position)
    ready = [position for position, count in enumerate(waiting) if not count]
    order = []
    while ready:
        position = heapq.heappop(ready)
        order.append(position)
        for user in users[position]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    if len(order) < len(sources):
        raise AssertionError("what is computed together waits for itself")
    return order


def renamed(node, same):
    """``node`` with inputs and guard under the names in ``same`` (value → the earlier value that it equals)."""
    if not same or same.keys().isdisjoint(values_of(node)):
        return node
    inputs = tuple([_renamed_input(i, same) for i in node.inputs])
    guard = tuple([(same.get(v, v), sense) for v, sense in node.guard])
    return PlanNode(node.op, node.attrs, inputs, node.outputs, node.origin, guard)


def _renamed_input(item, same):
    if isinstance(item, Ref):
        return item
    return tuple([same.get(i, i) for i in item]) if isinstance(item, tuple) else same.get(item, item)


def replaced(plan, nodes, same, constants):
    """The plan with these nodes and constants, in which the values in ``same`` have become others.

    What was the run's own and is now another value, or a constant, goes to the user as a copy.
    """
    fetches = tuple([None if f is None else same.get(f, f) for f in plan.fetches])
    shared = {f for f in fetches if f in constants or fetches.count(f) > 1}
    owned = frozenset(f for f in fetches if f in plan.owned and f not in shared and f not in same.values())
    return plan._replace(nodes=tuple(nodes), constants=constants, fetches=fetches, owned=owned)


def compacted(plan):
    """The same plan with its values numbered from 0 on: a part of a large plan as a plan of its own."""
    made = [value for node in plan.nodes for value in node.outputs]
    number = {value: position for position, value in enumerate(dict.fromkeys([*plan.feeds, *plan.constants, *made]))}

    def renumbered(values):
        return tuple([number[value] for value in values])

    nodes = [PlanNode(node.op, node.attrs, tuple([_renamed_input(i, number) for i in node.inputs]), renumbered(node.outputs),
                      node.origin, node.guard) for node in plan.nodes]
    return plan._replace(
        nodes=tuple(nodes), constants={number[v]: array for v, array in plan.constants.items()}, feeds=renumbered(plan.feeds),
        fetches=renumbered(plan.fetches), size=len(number), owned=frozenset(renumbered(plan.owned)),
        names={position: plan.names[v] for v, position in number.items()},
        sizes={position: plan.sizes[v] for v, position in number.items() if v in plan.sizes})
