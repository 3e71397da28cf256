"""Boxes on images: drawn, and of many that overlap the best ones chosen.

A box is ``[top, left, bottom, right]``.
"""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float16, float32, int32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merged_size, with_rank
from graphcore.ops.kernels import boxes as kernels
from graphcore.ops.kernels import suppression

_FLOATS = frozenset({float16, float32})


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def check_four(boxes):
    """The number of boxes before the last axis, which must have four entries."""
    if boxes not in (None, 4):
        raise ShapeMismatch(f"Dimension must be 4 but is {boxes}")


# ---------------------------------------------------------------- drawn


def _drawn(node):
    sizes = with_rank(node.images.shape.sizes, 4)
    if sizes[3] not in (None, 1, 3, 4):
        raise ShapeMismatch("Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)")
    check_four(with_rank(node.boxes.shape.sizes, 3)[2])
    return node.images.shape


def _check_drawing(images, boxes):
    if images.ndim != 4:
        raise _invalid("The rank of the images should be 4")
    if boxes.ndim != 3 or boxes.shape[2] < 4:
        raise _invalid("The rank of the boxes tensor should be 3, and their last size 4")
    if len(images) != len(boxes):
        raise _invalid(f"The batch sizes should be the same: {len(images)} images, {len(boxes)} lists of boxes")


def _usual_colours(depth):
    colours = kernels.COLOURS
    if depth == 1:
        colours = colours.copy()
        colours[:, 0] = 1
    return colours


_BLACK = np.zeros((1, 3, 3, 1), np.float32)
_WHOLE = np.array([[[0.0, 0.0, 1.0, 1.0]]], np.float32)
_FRAME = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32).reshape(1, 3, 3, 1)


class DrawBoundingBoxes(Op, differentiable=False):
    """``images`` with the outlines of their ``boxes``, whose sides go from 0 to 1, in ten colours by turns."""

    T = TypeAttr(_FLOATS, default=float32)
    images = Input(T)
    boxes = Input(float32)
    output = Output(T)
    example = dict(images=_BLACK, boxes=_WHOLE, output=_FRAME)

    def infer(node):
        return _drawn(node)

    def kernel(images, boxes):
        _check_drawing(images, boxes)
        return kernels.draw(images, boxes, _usual_colours(images.shape[3]))


class DrawBoundingBoxesV2(Op, refuses=True):
    """``images`` with the outlines of their ``boxes`` in these ``colors`` by turns; without any, in ten usual ones."""

    T = TypeAttr(_FLOATS, default=float32)
    images = Input(T)
    boxes = Input(float32)
    colors = Input(float32)
    output = Output(T)
    example = dict(images=_BLACK, boxes=_WHOLE, colors=[[2.0]], output=2 * _FRAME)

    def infer(node):
        return _drawn(node)

    def kernel(images, boxes, colors):
        _check_drawing(images, boxes)
        if colors.ndim != 2:
            raise _invalid(f"colors must be a 2-D matrix{format_shape(colors.shape)}")
        if colors.shape[1] < images.shape[3]:
            raise _invalid(f"colors must have equal or more channels than the image provided: {format_shape(colors.shape)}")
        return kernels.draw(images, boxes, colors if len(colors) else _usual_colours(images.shape[3]))


def draw_bounding_boxes(images, boxes, name=None, colors=None):
    """Images with the outlines of boxes drawn on them.

    Args:
      images: ``[batch, rows, columns, channels]``, of floats.
      boxes: ``[batch, count, 4]``: top, left, bottom and right of each, from 0 to 1.
      colors: ``[any, channels]``, which take turns; ten usual ones if None.
    """
    if colors is None:
        return DrawBoundingBoxes.build(images, boxes, name=name)
    return DrawBoundingBoxesV2.build(images, boxes, colors, name=name)


# ---------------------------------------------------------------- the best of them


def _chosen(node):
    """How many boxes there are to choose from; `ShapeMismatch` if the inputs do not fit."""
    boxes, four = with_rank(node.boxes.shape.sizes, 2)
    (scores,) = with_rank(node.scores.shape.sizes, 1)
    for scalar in node.inputs[2:]:
        with_rank(scalar.shape.sizes, 0)
    merged_size(boxes, scores)
    check_four(four)
    return (None,)


def _padded(node):
    """The length of the results: known if they are padded."""
    _chosen(node)
    if not node.pad_to_max_output_size or node.max_output_size.value is None:
        return (None,)
    most = int(node.max_output_size.value)
    if most < 0:
        raise ShapeMismatch(f"Dimension size, given by scalar input 2, must be non-negative but is {most}")
    return (most,)


def _check_scalars(**scalars):
    for name, value in scalars.items():
        if np.ndim(value):
            raise _invalid(f"{name} must be 0-D, got shape {format_shape(value.shape)}")


def _check_scores(count, scores):
    if scores.ndim != 1:
        raise _invalid(f"scores must be 1-D{format_shape(scores.shape)}")
    if len(scores) != count:
        raise _invalid(f"scores has incompatible shape: {len(scores)} scores, {count} boxes")


def _best(boxes, scores, most, iou_threshold, least=-np.inf, sigma=0.0):
    """Numbers and scores of the chosen boxes."""
    _check_scalars(max_output_size=most, iou_threshold=iou_threshold, score_threshold=least, soft_nms_sigma=sigma)
    if not 0 <= iou_threshold <= 1:
        raise _invalid("iou_threshold must be in [0, 1]")
    if sigma < 0:
        raise _invalid("soft_nms_sigma_val must be >= 0")
    if boxes.ndim != 2:
        raise _invalid(f"boxes must be 2-D{format_shape(boxes.shape)}")
    if boxes.shape[1] != 4:
        raise _invalid("boxes must have 4 columns")
    _check_scores(len(boxes), scores)
    # A negative number is none to stop at.
    most = int(most) if most >= 0 else len(boxes)
    return suppression.selected(scores, suppression.overlap_of(boxes), most, float(iou_threshold), float(least), float(sigma))


def _with_zeros(values, most, wanted):
    if not wanted:
        return values
    result = np.zeros(int(most), values.dtype)
    result[:len(values)] = values
    return result


_BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], np.float32)
_SCORES = np.array([0.5, 0.75, 0.25], np.float32)
_CHOICE = dict(boxes=_BOXES, scores=_SCORES, max_output_size=np.int32(3), iou_threshold=np.float32(0.5))


class NonMaxSuppression(Op, differentiable=False):
    """The numbers of the ``boxes`` with the best ``scores`` of which no two overlap by more than ``iou_threshold``."""

    iou_threshold = Attr(float, default=0.5)
    boxes = Input(float32)
    scores = Input(float32)
    max_output_size = Input(int32)
    selected_indices = Output(int32)
    example = dict(boxes=_BOXES, scores=_SCORES, max_output_size=np.int32(3), selected_indices=np.array([1, 2], np.int32))

    def infer(node):
        return _chosen(node)

    def kernel(boxes, scores, max_output_size, *, iou_threshold):
        return _best(boxes, scores, max_output_size, np.float32(iou_threshold))[0]


class NonMaxSuppressionV2(Op, differentiable=False):
    """`NonMaxSuppression` with a threshold that is a tensor."""

    T = TypeAttr(_FLOATS, default=float32)
    T_threshold = TypeAttr(_FLOATS, default=float32)
    boxes = Input(T)
    scores = Input(T)
    max_output_size = Input(int32)
    iou_threshold = Input(T_threshold)
    selected_indices = Output(int32)
    example = dict(_CHOICE, selected_indices=np.array([1, 2], np.int32))

    def infer(node):
        return _chosen(node)

    def kernel(boxes, scores, max_output_size, iou_threshold):
        return _best(boxes, scores, max_output_size, iou_threshold)[0]


class NonMaxSuppressionV3(Op, refuses=True):
    """`NonMaxSuppressionV2` of the boxes with more than ``score_threshold``."""

    T = TypeAttr(_FLOATS, default=float32)
    T_threshold = TypeAttr(_FLOATS, default=float32)
    boxes = Input(T)
    scores = Input(T)
    max_output_size = Input(int32)
    iou_threshold = Input(T_threshold)
    score_threshold = Input(T_threshold)
    selected_indices = Output(int32)
    example = dict(_CHOICE, score_threshold=np.float32(0.3), selected_indices=np.array([1], np.int32))

    def infer(node):
        return _chosen(node)

    def kernel(boxes, scores, max_output_size, iou_threshold, score_threshold):
        return _best(boxes, scores, max_output_size, iou_threshold, score_threshold)[0]


class NonMaxSuppressionV4(Op, refuses=True):
    """`NonMaxSuppressionV3`, with zeros up to ``max_output_size`` if wanted; and how many boxes there are."""

    T = TypeAttr(_FLOATS, default=float32)
    T_threshold = TypeAttr(_FLOATS, default=float32)
    pad_to_max_output_size = Attr(bool, default=False)
    boxes = Input(T)
    scores = Input(T)
    max_output_size = Input(int32, static=True)
    iou_threshold = Input(T_threshold)
    score_threshold = Input(T_threshold)
    selected_indices = Output(int32)
    valid_outputs = Output(int32)
    example = dict(_CHOICE, score_threshold=np.float32(0), pad_to_max_output_size=True,
                   selected_indices=np.array([1, 2, 0], np.int32), valid_outputs=np.int32(2))

    def infer(node):
        return [_padded(node), ()]

    def kernel(boxes, scores, max_output_size, iou_threshold, score_threshold, *, pad_to_max_output_size):
        chosen, _ = _best(boxes, scores, max_output_size, iou_threshold, score_threshold)
        return _with_zeros(chosen, max_output_size, pad_to_max_output_size), np.array(len(chosen), np.int32)


class NonMaxSuppressionV5(Op, refuses=True):
    """`NonMaxSuppressionV4` and the chosen scores; with a sigma, boxes lose some score to those that they overlap."""

    T = TypeAttr(_FLOATS, default=float32)
    pad_to_max_output_size = Attr(bool, default=False)
    boxes = Input(T)
    scores = Input(T)
    max_output_size = Input(int32, static=True)
    iou_threshold = Input(T)
    score_threshold = Input(T)
    soft_nms_sigma = Input(T)
    selected_indices = Output(int32)
    selected_scores = Output(T)
    valid_outputs = Output(int32)
    example = dict(_CHOICE, score_threshold=np.float32(0), soft_nms_sigma=np.float32(0), selected_scores=[0.75, 0.25],
                   selected_indices=np.array([1, 2], np.int32), valid_outputs=np.int32(2))

    def infer(node):
        length = _padded(node)
        return [length, length, ()]

    def kernel(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma, *, pad_to_max_output_size):
        chosen, kept = _best(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma)
        results = [_with_zeros(each, max_output_size, pad_to_max_output_size) for each in (chosen, kept)]
        return (*results, np.array(len(chosen), np.int32))


class NonMaxSuppressionWithOverlaps(Op, differentiable=False):
    """The numbers of the things with the best ``scores`` of which no two have more than ``overlap_threshold`` in ``overlaps``."""

    overlaps = Input(float32)
    scores = Input(float32)
    max_output_size = Input(int32)
    overlap_threshold = Input(float32)
    score_threshold = Input(float32)
    selected_indices = Output(int32)
    example = dict(overlaps=[[1.0, 0.6], [0.6, 1.0]], scores=[0.5, 0.75], max_output_size=np.int32(3), overlap_threshold=0.5,
                   score_threshold=0.0, selected_indices=np.array([1], np.int32))

    def infer(node):
        rows, columns = with_rank(node.overlaps.shape.sizes, 2)
        (scores,) = with_rank(node.scores.shape.sizes, 1)
        for scalar in node.inputs[2:]:
            with_rank(scalar.shape.sizes, 0)
        merged_size(rows, scores)
        merged_size(rows, columns)
        return (None,)

    def kernel(overlaps, scores, max_output_size, overlap_threshold, score_threshold):
        _check_scalars(max_output_size=max_output_size, overlap_threshold=overlap_threshold, score_threshold=score_threshold)
        if overlaps.ndim != 2:
            raise _invalid(f"overlaps must be 2-D{format_shape(overlaps.shape)}")
        if overlaps.shape[0] != overlaps.shape[1]:
            raise _invalid(f"overlaps must be square{format_shape(overlaps.shape)}")
        _check_scores(len(overlaps), scores)
        most = int(max_output_size) if max_output_size >= 0 else len(scores)
        return suppression.selected(scores, lambda one, others: overlaps[one, others], most, float(overlap_threshold),
                                float(score_threshold))[0]


# ---------------------------------------------------------------- functions

Padded = namedtuple("NonMaxSuppressionV4", ["selected_indices", "valid_outputs"])


def non_max_suppression(boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=float("-inf"), name=None):
    """The numbers of the boxes with the best scores of which no two overlap too much.

    Args:
      boxes: ``[count, 4]``: the coordinates of two opposite corners.
      scores: one for each box.
      max_output_size: how many to choose at most.
      iou_threshold: how much two may overlap: the area that they share, as a part of the area that they cover together.
      score_threshold: boxes that have no more than this score are out.

    >>> import graphcore as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> with tf.Session() as session:
    ...     session.run(tf.image.non_max_suppression(boxes, [0.5, 0.75, 0.25], 3))
    array([1, 2], dtype=int32)
    """
    with name_scope(name, "non_max_suppression"):
        iou_threshold = to_tensor(iou_threshold, None, "iou_threshold")
        score_threshold = to_tensor(score_threshold, None, "score_threshold")
        return NonMaxSuppressionV3.build(boxes, scores, max_output_size, iou_threshold, score_threshold)


def non_max_suppression_with_scores(boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=float("-inf"),
                                    soft_nms_sigma=0.0, name=None):
    """`non_max_suppression`: the numbers, and the scores.

    With ``soft_nms_sigma`` a box that overlaps chosen ones loses some of its score: ``exp(-overlap**2 / (2 * sigma))`` is left.
    """
    with name_scope(name, "non_max_suppression_with_scores"):
        iou_threshold = to_tensor(iou_threshold, None, "iou_threshold")
        score_threshold = to_tensor(score_threshold, None, "score_threshold")
        soft_nms_sigma = to_tensor(soft_nms_sigma, None, "soft_nms_sigma")
        indices, kept, _ = NonMaxSuppressionV5.build(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma)
        return indices, kept


def non_max_suppression_padded(boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=float("-inf"),
                               pad_to_max_output_size=False, name=None):
    """`non_max_suppression`: the numbers, with zeros up to ``max_output_size`` if wanted, and how many there are."""
    with name_scope(name, "non_max_suppression_padded"):
        iou_threshold = to_tensor(iou_threshold, None, "iou_threshold")
        score_threshold = to_tensor(score_threshold, None, "score_threshold")
        return Padded(*NonMaxSuppressionV4.build(boxes, scores, max_output_size, iou_threshold, score_threshold,
                                                 pad_to_max_output_size=pad_to_max_output_size))


def non_max_suppression_overlaps(overlaps, scores, max_output_size, overlap_threshold=0.5, score_threshold=float("-inf"), name=None):
    """`non_max_suppression` of things whose overlaps are given as a square matrix."""
    with name_scope(name, "non_max_suppression_overlaps"):
        overlap_threshold = to_tensor(overlap_threshold, None, "overlap_threshold")
        return NonMaxSuppressionWithOverlaps.build(overlaps, scores, max_output_size, overlap_threshold, score_threshold)


__all__ = ["draw_bounding_boxes", "non_max_suppression", "non_max_suppression_overlaps", "non_max_suppression_padded",
           "non_max_suppression_with_scores"]
