"""Parts of images: boxes cut out and resized, windows drawn at random, glimpses."""

from collections import namedtuple

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8, uint16
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, merged_size, with_rank
from graphcore.core.view import shape_from
from graphcore.ops import arrays, reshaping
from graphcore.ops.image_boxes import check_four
from graphcore.ops.image_resizing import sizes_given
from graphcore.ops.kernels import boxes as kernels
from graphcore.ops.kernels.philox import PhiloxState
from graphcore.ops.random import RandomOp

_PIXELS = frozenset({uint8, uint16, int8, int16, int32, int64, float16, float32, float64})
_FLOATS = frozenset({float16, float32, float64})
_METHODS = (b"bilinear", b"nearest")


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


# ---------------------------------------------------------------- boxes cut out


def _box_count(boxes, indices):
    count, four = with_rank(boxes.shape.sizes, 2)
    check_four(four)
    return merged_size(count, with_rank(indices.shape.sizes, 1)[0])


def _check_boxes(boxes, indices, batch):
    if boxes.ndim != 2:
        raise _invalid(f"boxes must be 2-D{format_shape(boxes.shape)}")
    if boxes.shape[1] != 4:
        raise _invalid("boxes must have 4 columns")
    if indices.shape != boxes.shape[:1]:
        raise _invalid("box_index has incompatible shape")
    outside = (indices < 0) | (indices >= batch)
    if outside.any():
        raise errors.OutOfRangeError(None, None, f"box_index has values outside [0, batch_size): {indices[outside][0]}, where "
                                     f"the batch size is {batch}")


def _check_gradients(grads, boxes):
    if grads.ndim != 4:
        raise _invalid(f"grads image must be 4-D{format_shape(grads.shape)}")
    if 0 in grads.shape[1:3]:
        raise _invalid("grads dimensions must be positive")
    if boxes.ndim == 2 and len(boxes) != len(grads):
        raise _invalid("boxes and grads have incompatible shape")


def _check_image(image):
    if image.ndim != 4:
        raise _invalid(f"input image must be 4-D{format_shape(image.shape)}")
    if 0 in image.shape[1:3]:
        raise _invalid("image dimensions must be positive")


_IMAGE = np.array([[[[1.0], [5.0], [3.0]], [[4.0], [2.0], [6.0]]]], np.float32)
_HALF_BOX = np.array([[0.0, 0.25, 1.0, 0.75]], np.float32)
_FIRST = np.array([0], np.int32)


class CropAndResize(Op):
    """The parts ``boxes`` of the images ``box_ind``, each resized to ``crop_size``; float32."""

    T = TypeAttr(_PIXELS)
    method = Attr(bytes, default=b"bilinear", allowed=_METHODS)
    extrapolation_value = Attr(float, default=0.0)
    image = Input(T)
    boxes = Input(float32)
    box_ind = Input(int32)
    crop_size = Input(int32, static=True)
    crops = Output(float32)
    example = dict(image=_IMAGE, boxes=_HALF_BOX, box_ind=_FIRST, crop_size=np.array([1, 2], np.int32), crops=[[[[3.0], [4.0]]]])

    def infer(node):
        channels = with_rank(node.image.shape.sizes, 4)[3]
        return (_box_count(node.boxes, node.box_ind), *sizes_given(node.crop_size), channels)

    def kernel(image, boxes, box_ind, crop_size, *, method, extrapolation_value):
        _check_image(image)
        _check_boxes(boxes, box_ind, len(image))
        if crop_size.ndim != 1:
            raise _invalid(f"crop_size must be 1-D{format_shape(crop_size.shape)}")
        if crop_size.size != 2:
            raise _invalid(f"crop_size must have two elements{format_shape(crop_size.shape)}")
        if crop_size.min() <= 0:
            raise _invalid(f"crop dimensions must be positive, got {crop_size.tolist()}")
        return kernels.crops(image, boxes, box_ind, crop_size.tolist(), method == b"nearest", np.float32(extrapolation_value))

    def grad(node, dy):
        image, boxes, indices = node.image, node.boxes, node.box_ind
        sizes = image.get_shape()
        sizes = sizes.as_list() if sizes.is_fully_defined() else arrays.shape(image)
        in_image = None
        if image.dtype in _FLOATS:
            in_image = CropAndResizeGradImage.build(dy, boxes, indices, sizes, T=image.dtype, method=node.method)
        return in_image, CropAndResizeGradBoxes.build(dy, image, boxes, indices), None, None


class CropAndResizeGradImage(Op, refuses=True):
    """The gradient of `CropAndResize` in its images, whose shape is ``image_size``."""

    T = TypeAttr(_FLOATS)
    method = Attr(bytes, default=b"bilinear", allowed=_METHODS)
    grads = Input(float32)
    boxes = Input(float32)
    box_ind = Input(int32)
    image_size = Input(int32, static=True)
    output = Output(T)
    example = dict(grads=[[[[1.0], [2.0]]]], boxes=_HALF_BOX, box_ind=_FIRST, image_size=np.array([1, 2, 3, 1], np.int32), T=float32,
                   output=[[[[0.25], [0.75], [0.5]], [[0.25], [0.75], [0.5]]]])

    def infer(node):
        sizes = with_rank(shape_from(node.image_size).sizes, 4)
        _box_count(node.boxes, node.box_ind)
        with_rank(node.grads.shape.sizes, 4)
        return sizes

    def kernel(grads, boxes, box_ind, image_size, *, T, method):
        _check_gradients(grads, boxes)
        if image_size.ndim != 1:
            raise _invalid(f"image_size must be 1-D{format_shape(image_size.shape)}")
        if image_size.size != 4:
            raise _invalid(f"image_size must have 4 elements{format_shape(image_size.shape)}")
        shape = image_size.tolist()
        if min(shape[1:3]) <= 0:
            raise _invalid(f"image dimensions must be positive, got {shape}")
        if shape[3] != grads.shape[3]:
            raise _invalid(f"image_size and grads are incompatible: {shape}, {format_shape(grads.shape)}")
        _check_boxes(boxes, box_ind, shape[0])
        return kernels.crops_image_gradient(grads, boxes, box_ind, shape, T.np, method == b"nearest")


class CropAndResizeGradBoxes(Op, refuses=True):
    """The gradient of `CropAndResize` in its boxes."""

    T = TypeAttr(_PIXELS)
    method = Attr(bytes, default=b"bilinear", allowed=(b"bilinear",))
    grads = Input(float32)
    image = Input(T)
    boxes = Input(float32)
    box_ind = Input(int32)
    output = Output(float32)
    example = dict(grads=[[[[1.0], [2.0]]]], image=_IMAGE, boxes=_HALF_BOX, box_ind=_FIRST, output=[[0.0, 2.0, 0.0, 4.0]])

    def infer(node):
        with_rank(node.grads.shape.sizes, 4)
        with_rank(node.image.shape.sizes, 4)
        return _box_count(node.boxes, node.box_ind), 4

    def kernel(grads, image, boxes, box_ind):
        _check_gradients(grads, boxes)
        _check_image(image)
        if image.shape[3] != grads.shape[3]:
            raise _invalid("image, grads depth differ")
        _check_boxes(boxes, box_ind, len(image))
        return kernels.crops_boxes_gradient(grads, image, boxes, box_ind)


def crop_and_resize(image, boxes, box_ind=None, crop_size=None, method="bilinear", extrapolation_value=0, name=None,
                    box_indices=None):
    """Parts of images, all resized to one size.

    Args:
      image: ``[batch, rows, columns, channels]``.
      boxes: ``[count, 4]``: top, left, bottom and right of each, where 1 is the last row or column; what is upside down
        is turned over.
      box_indices: which image each box is of; ``box_ind`` is its old name.
      crop_size: how many rows and columns each part shall have.
      method: "bilinear" or "nearest".
      extrapolation_value: what is outside of the image.

    The result is float32, ``[count, *crop_size, channels]``.
    """
    indices = reshaping.renamed("box_indices", box_indices, "box_ind", box_ind)
    return CropAndResize.build(image, boxes, indices, crop_size, method=method, extrapolation_value=extrapolation_value, name=name)


# ---------------------------------------------------------------- windows drawn at random


def _check_window(image_size, boxes, least, node):
    """TF's errors for images, boxes and limits that make no window."""
    if image_size.ndim != 1:
        raise _invalid(f"image_size must be 1-dimensional{format_shape(image_size.shape)}")
    if image_size.size != 3:
        raise _invalid(f"image_size must contain 3 elements{format_shape(image_size.shape)}")
    for number, side in enumerate(("height", "width")):
        if not 0 <= image_size[number] < 2 ** 31 - 1:
            raise _invalid(f"image {side} cannot be >= int32 max")
    if boxes.ndim != 3:
        raise _invalid(f"input boxes must be 3-dimensional [batch, num_boxes, coords]: {format_shape(boxes.shape)}")
    if boxes.size and boxes.shape[2] != 4:
        raise _invalid(f"bounding boxes must have shape [4] or [*, 4], got {format_shape(boxes.shape)}")
    if np.ndim(least):
        raise _invalid(f"min_object_covered must be 0-D, got shape {format_shape(least.shape)}")
    if least < 0:
        raise _invalid(f"Min object covered must be non-negative: {least:g}")
    wrong = ~((boxes >= 0) & (boxes <= 1))
    if wrong.any():
        raise _invalid(f"All bounding box coordinates must be in [0.0, 1.0]: {boxes[wrong][0]:g}")
    _check_limits(*node)


def _check_limits(ratios, areas, attempts):
    if len(ratios) != 2:
        raise _invalid("Aspect ratio range field must specify 2 dimensions")
    if min(ratios) <= 0:
        raise _invalid(f"Aspect ratio range must be non-negative: [{ratios[0]:g}, {ratios[1]:g}]")
    if len(areas) != 2:
        raise _invalid("Area range field must specify 2 dimensions")
    if min(areas) <= 0:
        raise _invalid(f"Area range must be non-negative: [{areas[0]:g}, {areas[1]:g}]")
    if max(areas) > 1:
        raise _invalid(f"Area range must be less then or equal to 1.0: [{areas[0]:g}, {areas[1]:g}]")
    if attempts <= 0:
        raise _invalid(f"Max attempts must be non-negative: {attempts}")


def _pixel_boxes(boxes, sizes, whole_image):
    """The boxes in pixels; the whole image if there are none, and that is wanted."""
    boxes = boxes.reshape(-1, 4)
    if len(boxes):
        return (boxes * np.array([*sizes, *sizes], np.float32)).astype(np.int64).tolist()
    if not whole_image:
        raise _invalid("No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish to not provide "
                       "any bounding boxes.")
    return [[0, 0, *sizes]]


class SampleDistortedBoundingBoxV2(RandomOp):
    """A window at random that covers at least ``min_object_covered`` of one of ``bounding_boxes``: its place, size and box."""

    T = TypeAttr({uint8, int8, int16, int32, int64})
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    aspect_ratio_range = Attr([float], default=(0.75, 1.33))
    area_range = Attr([float], default=(0.05, 1.0))
    max_attempts = Attr(int, default=100)
    use_image_if_no_bounding_boxes = Attr(bool, default=False)
    image_size = Input(T)
    bounding_boxes = Input(float32)
    min_object_covered = Input(float32)
    begin = Output(T)
    size = Output(T)
    bboxes = Output(float32)
    example = dict(image_size=np.array([40, 30, 3], np.int32), bounding_boxes=np.array([[[0.0, 0.0, 0.5, 0.5]]], np.float32),
                   min_object_covered=0.1, seed=1, begin=[2, 5, 0], size=[19, 23, -1], bboxes=[[[0.05, 1 / 6, 0.525, 28 / 30]]])

    def new_state(node):
        return PhiloxState(node.seed, node.seed2)

    def infer(node):
        (length,) = with_rank(node.image_size.shape.sizes, 1)
        if length not in (None, 3):
            raise ShapeMismatch(f"Dimension must be 3 but is {length}")
        check_four(with_rank(node.bounding_boxes.shape.sizes, 3)[2])
        with_rank(node.min_object_covered.shape.sizes, 0)
        return [(3,), (3,), (1, 1, 4)]

    def kernel(state, image_size, bounding_boxes, min_object_covered, *, aspect_ratio_range, area_range, max_attempts,
               use_image_if_no_bounding_boxes, T):
        limits = aspect_ratio_range, area_range, max_attempts
        _check_window(image_size, bounding_boxes, min_object_covered, limits)
        rows, columns = image_size.tolist()[:2]
        boxes = _pixel_boxes(bounding_boxes, (rows, columns), use_image_if_no_bounding_boxes)
        top, left, height, width = kernels.random_window(state, (rows, columns), boxes, np.float32(min_object_covered), *limits)
        ends = np.array([top, left, top + height, left + width], np.float32)
        box = ends / np.array([rows, columns, rows, columns], np.float32)
        begin, size = [np.array(each).astype(T.np) for each in ((top, left, 0), (height, width, -1))]
        return begin, size, box.reshape(1, 1, 4)


Window = namedtuple("SampleDistortedBoundingBoxV2", ["begin", "size", "bboxes"])


def sample_distorted_bounding_box(image_size, bounding_boxes, seed=None, seed2=None, min_object_covered=0.1,
                                  aspect_ratio_range=None, area_range=None, max_attempts=None, use_image_if_no_bounding_boxes=None,
                                  name=None):
    """A window of an image, drawn at random, that shows enough of one of its objects.

    Args:
      image_size: ``[rows, columns, channels]``.
      bounding_boxes: ``[batch, count, 4]``: top, left, bottom and right of the objects, from 0 to 1.
      seed, seed2: the two seeds of the op, as they are; both 0 for other windows in each session.
      min_object_covered: which part of one object the window covers at least.
      aspect_ratio_range: bounds of columns / rows; [0.75, 1.33] if None.
      area_range: bounds of the window's part of the image; [0.05, 1] if None.
      max_attempts: after so many (100 if None) it is the whole image.
      use_image_if_no_bounding_boxes: whether the image is the object if there is none; otherwise that is an error.

    Returns:
      ``begin`` and ``size`` for `slice`, and the window as a box for `draw_bounding_boxes`.
    """
    with name_scope(name, "sample_distorted_bounding_box"):
        settings = dict(seed=seed, seed2=seed2, aspect_ratio_range=aspect_ratio_range, area_range=area_range,
                        max_attempts=max_attempts, use_image_if_no_bounding_boxes=use_image_if_no_bounding_boxes)
        given = {key: value for key, value in settings.items() if value is not None}
        return Window(*SampleDistortedBoundingBoxV2.build(image_size, bounding_boxes, min_object_covered, name=name, **given))


# ---------------------------------------------------------------- glimpses


def _noise(kind):
    """A function of an image and a shape: what is seen beside the image."""
    generator = np.random.default_rng()
    if kind == "zero":
        return lambda image, shape: np.zeros(shape, np.float32)
    if kind == "uniform":
        return lambda image, shape: (image.min() + generator.random(shape, np.float32) * (image.max() - image.min()))
    return lambda image, shape: generator.normal(image.mean(), image.std(), shape).clip(image.min(), image.max()).astype(np.float32)


_OUTSIDE = 2.0 ** 30


class ExtractGlimpse(Op, differentiable=False, stateful=False):
    """A window of ``size`` of each image, around its one of ``offsets``; noise where it looks beyond the image."""

    centered = Attr(bool, default=True)
    normalized = Attr(bool, default=True)
    uniform_noise = Attr(bool, default=True)
    noise = Attr(bytes, default=b"uniform")
    input = Input(float32)
    size = Input(int32, static=True)
    offsets = Input(float32)
    glimpse = Output(float32)
    example = dict(input=np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1), size=np.array([2, 2], np.int32), offsets=[[0.0, 0.0]],
                   glimpse=[[[[5.0], [6.0]], [[9.0], [10.0]]]])

    def infer(node):
        batch, _, _, channels = with_rank(node.input.shape.sizes, 4)
        count, two = with_rank(node.offsets.shape.sizes, 2)
        batch = merged_size(batch, count)
        if two not in (None, 2):
            raise ShapeMismatch(f"Dimension must be 2 but is {two}")
        if node.uniform_noise and node.noise not in (b"", b"uniform"):
            raise ShapeMismatch("The uniform_noise and noise should not be specified at the same time")
        return (batch, *sizes_given(node.size), channels)

    def kernel(input, size, offsets, *, centered, normalized, uniform_noise, noise):
        _check_glimpse(input, size, offsets)
        kind = "uniform" if uniform_noise else {b"uniform": "gaussian", b"": "gaussian"}.get(noise, noise.decode(errors="replace"))
        if kind not in ("uniform", "gaussian", "zero"):
            raise _invalid(f"The noise could only be uniform, gaussian, or zero, got {kind}")
        if size.min() < 0:
            raise _invalid(f"Dimension {size.min()} must be >= 0: size is {size.tolist()}")
        image_sizes = np.array(input.shape[1:3], np.float32)
        places = offsets * image_sizes if normalized else offsets
        if centered:
            places = places / 2 + image_sizes / 2
        # What is no number, or none that an integer holds, lies outside.
        places = np.nan_to_num(places - size.astype(np.float32) / 2, nan=_OUTSIDE, posinf=_OUTSIDE, neginf=_OUTSIDE)
        places = np.clip(places, -_OUTSIDE, _OUTSIDE)
        result = np.empty((len(input), *size.tolist(), input.shape[3]), np.float32)
        for part, image, place in zip(result, input, places):
            part[...] = kernels.glimpse(image, size.tolist(), place.tolist(), _noise(kind))
        return result


def _check_glimpse(input, size, offsets):
    if input.ndim != 4:
        raise _invalid(f"input must be 4-dimensional (batch_size, height, width, depth){format_shape(input.shape)}")
    if len(input) and not input[0].size:
        raise _invalid(f"input must not be empty, its shape is {format_shape(input.shape)}")
    if size.shape != (2,):
        raise _invalid(f"input must be a vector of size 2 (height, width){format_shape(size.shape)}")
    if offsets.ndim != 2:
        raise _invalid(f"input must be a matrix{format_shape(offsets.shape)}")
    if len(offsets) != len(input):
        raise _invalid(f"first dimension should be batch{format_shape(offsets.shape)}")
    if offsets.shape[1] != 2:
        raise _invalid(f"second dimension should be of size 2 (y,x){format_shape(offsets.shape)}")


def extract_glimpse(input, size, offsets, centered=True, normalized=True, uniform_noise=True, name=None):
    """A window of each image ``[batch, rows, columns, channels]``, of one ``size``.

    Args:
      offsets: ``[batch, 2]``: row and column of the window's middle.
      centered: whether they are counted from the image's middle (in half rows and columns); otherwise from its corner.
      normalized: whether they are parts of the image's size; otherwise they are pixels.
      uniform_noise: what is beyond the image: noise as bright as its pixels, all brightnesses alike; otherwise Gaussian.

    The noise is not TF's: TF has no seed for it either.
    """
    return ExtractGlimpse.build(input, size, offsets, centered=centered, normalized=normalized, uniform_noise=uniform_noise, name=name)


__all__ = ["crop_and_resize", "extract_glimpse", "sample_distorted_bounding_box"]
