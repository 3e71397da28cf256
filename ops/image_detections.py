"""The best boxes of several classes at once."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32, int32
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merged_size, with_rank
from graphcore.ops.image_boxes import check_four
from graphcore.ops.kernels import suppression


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class CombinedNonMaxSuppression(Op, refuses=True):
    """Of each image the best boxes of each class, and of all these the best: boxes, scores, classes, and how many there are."""

    pad_per_class = Attr(bool, default=False)
    clip_boxes = Attr(bool, default=True)
    boxes = Input(float32)
    scores = Input(float32)
    max_output_size_per_class = Input(int32, static=True)
    max_total_size = Input(int32, static=True)
    iou_threshold = Input(float32)
    score_threshold = Input(float32)
    nmsed_boxes = Output(float32)
    nmsed_scores = Output(float32)
    nmsed_classes = Output(float32)
    valid_detections = Output(int32)
    example = dict(boxes=[[[[0.0, 0.0, 1.0, 1.0]], [[0.0, 0.1, 1.0, 1.1]]]], scores=[[[0.5, 0.25], [0.75, 0.0]]],
                   max_output_size_per_class=np.int32(2), max_total_size=np.int32(3), iou_threshold=0.5, score_threshold=0.0,
                   nmsed_boxes=[[[0.0, 0.1, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]],
                   nmsed_scores=[[0.75, 0.25, 0.0]], nmsed_classes=[[0.0, 1.0, 0.0]], valid_detections=np.array([2], np.int32))

    def infer(node):
        batch, count, groups, four = with_rank(node.boxes.shape.sizes, 4)
        images, scores, classes = with_rank(node.scores.shape.sizes, 3)
        check_four(four)
        batch, _ = merged_size(batch, images), merged_size(count, scores)
        if None not in (groups, classes) and groups not in (1, classes):
            raise ShapeMismatch("third dimension of boxes must be either 1 or equal to the third dimension of scores")
        for scalar in node.inputs[2:]:
            with_rank(scalar.shape.sizes, 0)
        length = _length(node, classes)
        return [(batch, length, 4), (batch, length), (batch, length), (batch,)]

    def kernel(boxes, scores, max_output_size_per_class, max_total_size, iou_threshold, score_threshold, *, pad_per_class, clip_boxes):
        _check(boxes, scores, max_total_size, iou_threshold)
        most, total = int(max_output_size_per_class), int(max_total_size)
        length = min(total, most * scores.shape[2]) if pad_per_class else total
        results = [np.zeros((len(boxes), length, *more), np.float32) for more in ((4,), (), ())]
        counts = np.zeros(len(boxes), np.int32)
        for image in range(len(boxes)):
            found = _best_of_all(boxes[image], scores[image], most, length, float(iou_threshold), float(score_threshold))
            counts[image] = len(found[1])
            for result, values in zip(results, found):
                result[image, :len(values)] = values
        if clip_boxes:
            results[0] = np.clip(results[0], 0, 1).astype(np.float32)
        return (*results, counts)


def _length(node, classes):
    total, most = node.max_total_size.value, node.max_output_size_per_class.value
    if total is not None and total <= 0:
        raise ShapeMismatch("max_total_size should be > 0 ")
    if total is None or not node.pad_per_class:
        return None if total is None else int(total)
    return None if most is None or classes is None else min(int(total), int(most) * classes)


def _check(boxes, scores, total, threshold):
    if boxes.ndim != 4:
        raise _invalid(f"boxes must be 4-D{format_shape(boxes.shape)}")
    if scores.ndim != 3:
        raise _invalid(f"scores must be 3-D{format_shape(scores.shape)}")
    if len(boxes) != len(scores):
        raise _invalid("boxes and scores must have same batch size")
    if boxes.shape[1] != scores.shape[1]:
        raise _invalid("scores has incompatible shape")
    if boxes.shape[3] != 4:
        raise _invalid("boxes must have 4 columns")
    if boxes.shape[2] not in (1, scores.shape[2]):
        raise _invalid("third dimension of boxes must be either 1 or num classes")
    if total <= 0:
        raise _invalid("max_total_size must be > 0")
    if not 0 <= threshold <= 1:
        raise _invalid("iou_threshold must be in [0, 1]")


def _best_of_all(boxes, scores, most, length, threshold, least):
    """Boxes, scores and classes of one image, the best first."""
    found = []
    for number in range(scores.shape[1]):
        its_boxes = boxes[:, number if boxes.shape[1] > 1 else 0]
        chosen, kept = suppression.selected(scores[:, number], suppression.overlap_of(its_boxes), most, threshold, least)
        found += [(score, box, number) for score, box in zip(kept.tolist(), its_boxes[chosen])]
    found = sorted(found, key=lambda each: -each[0])[:length]
    return np.array([box for _, box, _ in found]).reshape(-1, 4), [score for score, _, _ in found], [number for *_, number in found]


Detections = namedtuple("CombinedNonMaxSuppression", ["nmsed_boxes", "nmsed_scores", "nmsed_classes", "valid_detections"])


def combined_non_max_suppression(boxes, scores, max_output_size_per_class, max_total_size, iou_threshold=0.5,
                                 score_threshold=float("-inf"), pad_per_class=False, clip_boxes=True, name=None):
    """`non_max_suppression` of each class of each image, and of what these leave the best.

    Args:
      boxes: ``[batch, count, classes, 4]``, or 1 in place of the classes if they share the boxes.
      scores: ``[batch, count, classes]``.
      max_output_size_per_class, max_total_size: how many boxes there shall be at most, of a class and of an image.
      iou_threshold, score_threshold: as for `non_max_suppression`.
      pad_per_class: whether the results are no longer than the classes together may be; otherwise ``max_total_size``.
      clip_boxes: whether boxes are cut at 0 and 1.

    Returns:
      boxes, scores and classes, with zeros after them; and how many there are of each image.
    """
    with name_scope(name, "combined_non_max_suppression"):
        iou_threshold = to_tensor(iou_threshold, float32, "iou_threshold")
        score_threshold = to_tensor(score_threshold, float32, "score_threshold")
        return Detections(*CombinedNonMaxSuppression.build(boxes, scores, max_output_size_per_class, max_total_size, iou_threshold,
                                                           score_threshold, pad_per_class=pad_per_class, clip_boxes=clip_boxes))


__all__ = ["combined_non_max_suppression"]
