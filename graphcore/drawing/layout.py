"""Where the boxes of one scope go: in layers, each below those it takes something from."""

from typing import NamedTuple

GAP, LAYER_GAP = 16.0, 34.0
_SWEEPS = 4
_MOST_BENDS = 3000


class Placed(NamedTuple):
    """A layout: the size, the middle and top of each item, and the points of each edge, from below to above a box."""

    width: float
    height: float
    places: dict
    routes: dict


class _Bend:
    """A place that a long edge keeps free in a layer between its ends."""


def layered(items, sizes, edges, top=None, bottom=None):
    """Place ``items``, given in an order in which most edges go forward; the others go back, and do not count.

    ``sizes`` is {item: (width, height)}, ``edges`` pairs of items. ``top`` is put above everything, ``bottom`` below.
    """
    order = {item: number for number, item in enumerate(items)}
    forward = [pair for pair in edges if order[pair[0]] < order[pair[1]]]
    layers, neighbours, bends = _bent(_layers(items, _ranks(items, forward, top, bottom)), forward)
    _untangle(layers, neighbours)
    width_of = {item: sizes[item][0] if item in sizes else 4.0 for layer in layers for item in layer}
    middles = _middles(layers, neighbours, width_of)
    left = min((middles[item] - width_of[item] / 2 for item in middles), default=0.0)
    places, y = {}, 0.0
    for layer in layers:
        height = max((sizes[item][1] for item in layer if item in sizes), default=0.0)
        for item in layer:
            own = sizes[item][1] if item in sizes else 0.0
            places[item] = (middles[item] - left, y + (height - own) / 2)
        y += height + LAYER_GAP
    width = max((places[item][0] + width_of[item] / 2 for item in places), default=0.0)
    routes = {pair: [places[bend] for bend in bends.get(pair, ())] for pair in edges}
    return Placed(width, max(y - LAYER_GAP, 0.0), {item: places[item] for item in items}, routes)


def _ranks(items, forward, top, bottom):
    """The layer of each item: one below the lowest of its sources, and those without any right above what uses them."""
    rank = dict.fromkeys(items, 0 if top is None else 1)
    incoming, outgoing = {}, {}
    for source, target in forward:
        incoming.setdefault(target, []).append(source)
        outgoing.setdefault(source, []).append(target)
    if top is not None:
        rank[top] = 0
    for item in items:
        if item in incoming:
            rank[item] = 1 + max(rank[source] for source in incoming[item])
    if bottom is not None:
        rank[bottom] = 1 + max((rank[item] for item in items if item is not bottom), default=0)
    for item in items:
        if item not in incoming and item in outgoing and item is not top:
            rank[item] = min(rank[target] for target in outgoing[item]) - 1
    return rank


def _layers(items, rank):
    layers = [[] for _ in range(1 + max(rank.values(), default=-1))]
    for item in items:
        layers[rank[item]].append(item)
    return layers


def _bent(layers, forward):
    """The layers with a place for each edge that passes; neighbours above and below; {edge: its bends}."""
    rank = {item: number for number, layer in enumerate(layers) for item in layer}
    above, below, bends, count = {}, {}, {}, 0
    for source, target in forward:
        between = range(rank[source] + 1, rank[target])
        count += len(between)
        chain = [_Bend() for _ in between] if count <= _MOST_BENDS else []
        for number, bend in zip(between, chain):
            layers[number].append(bend)
        bends[source, target] = chain
        for upper, lower in zip([source, *chain], [*chain, target]):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    return layers, (above, below), bends


def _untangle(layers, neighbours):
    """Order each layer by the middle of its neighbours' positions, downwards and upwards in turn."""
    position = {item: float(number) for layer in layers for number, item in enumerate(layer)}
    for sweep in range(_SWEEPS):
        known = neighbours[sweep % 2]
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {item: _mean(position, known.get(item), position[item]) for item in layer}
            layer.sort(key=wanted.__getitem__)
            position.update((item, float(number)) for number, item in enumerate(layer))


def _middles(layers, neighbours, width_of):
    """The x of each item's middle: near its neighbours', without overlap."""
    middles = {}
    for layer in layers:
        middles.update(zip(layer, _apart([0.0] * len(layer), layer, width_of)))
    for sweep in range(2 * _SWEEPS):
        known = neighbours[sweep % 2]
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_mean(middles, known.get(item), middles[item]) for item in layer]
            middles.update(zip(layer, _apart(wanted, layer, width_of)))
    return middles


def _apart(wanted, layer, width_of):
    """Positions as near to the wanted ones as the items' widths allow: the mean of packing from the left and the right."""
    half = [width_of[item] / 2 for item in layer]
    right = list(wanted)
    for n in range(1, len(right)):
        right[n] = max(right[n], right[n - 1] + half[n - 1] + half[n] + GAP)
    left = list(wanted)
    for n in range(len(left) - 2, -1, -1):
        left[n] = min(left[n], left[n + 1] - half[n + 1] - half[n] - GAP)
    return [(a + b) / 2 for a, b in zip(left, right)]


def _mean(values, items, default):
    return sum(values[item] for item in items) / len(items) if items else default
