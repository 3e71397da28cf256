"""Of things that overlap, the ones with the best scores.

Equal scores come in the order of TF's queue, which is the heap of the C++ library: here it is once more.
"""

import numpy as np


def overlap_of(boxes):
    """A function of a box and others, by number: what they share, as a part of what they cover together."""
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    areas = (high - low).prod(axis=1)

    def overlap(one, others):
        shared = np.maximum(np.minimum(high[one], high[others]) - np.maximum(low[one], low[others]), 0).prod(axis=1)
        together = areas[one] + areas[others] - shared
        return np.where((areas[one] <= 0) | (areas[others] <= 0), areas.dtype.type(0), shared / together)

    return overlap


def selected(scores, overlap, count, threshold, least_score, sigma=0.0):
    """The numbers and scores of up to ``count`` boxes: the best, then the best that overlaps none of these too much, …

    With ``sigma`` a box that overlaps others loses some of its score, too.  A chosen box stays in the queue, and is out because
    it overlaps itself: one without an area does not, and is chosen again and again.  So it is in TF 1.15.
    """
    waiting = []
    for number, score in enumerate(scores.tolist()):
        if score > least_score:
            _push(waiting, (score, number, 0))
    kept, kept_scores = [], []
    while waiting and len(kept) < count:
        score, number, seen = _pop(waiting)
        overlaps = overlap(number, np.array(kept[seen:][::-1], np.int64)) if len(kept) > seen else np.zeros(0)
        if (overlaps >= threshold).any():
            continue
        left = _lowered(score, overlaps, sigma, scores.dtype.type) if sigma > 0 else score
        if left > least_score:
            _push(waiting, (left, number, len(kept)))
        if left == score:
            kept.append(number)
            kept_scores.append(score)
            if not sigma and waiting[0][1] == number and not overlap(number, np.array([number]))[0] >= threshold and _is_first(waiting):
                # It overlaps nothing, not even itself, and nothing comes before it: so it goes on until the end.
                rest = count - len(kept)
                return (np.append(np.array(kept, np.int32), np.full(rest, number, np.int32)),
                        np.append(np.array(kept_scores, scores.dtype), np.full(rest, score, scores.dtype)))
    return np.array(kept, np.int32), np.array(kept_scores, scores.dtype)


def _is_first(heap):
    """Whether the best entry is better than all others."""
    return all(entry[0] < heap[0][0] for entry in heap[1:3])


def _lowered(score, overlaps, sigma, number):
    """The score that is left to a box with these overlaps."""
    score = number(score)
    for each in overlaps:
        score *= np.exp(number(-0.5 / sigma) * each * each)
    return float(score)


def _push(heap, entry):
    heap.append(entry)
    _raise(heap, len(heap) - 1, entry)


def _raise(heap, place, entry):
    """Put ``entry`` where it belongs, at ``place`` or above."""
    while place > 0 and heap[(place - 1) // 2][0] < entry[0]:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = entry


def _pop(heap):
    """Take the best entry; the last one takes its place, from the bottom up."""
    best, last = heap[0], heap.pop()
    length, place = len(heap), 0
    if not length:
        return best
    while 2 * place + 2 < length:
        right = 2 * place + 2
        child = right - 1 if heap[right][0] < heap[right - 1][0] else right
        heap[place] = heap[child]
        place = child
    if 2 * place + 2 == length:
        heap[place] = heap[2 * place + 1]
        place = 2 * place + 1
    _raise(heap, place, last)
    return best
