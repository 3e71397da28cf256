"""Images flipped, turned, cropped and padded."""

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float64, int32
from graphcore.core.scopes import name_scope
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    comparison,
    control_flow,
    division,
    joining,
    mathematics,
    ordering,
    padding,
    random,
    reshaping,
    slicing,
    transposing,
)
from graphcore.ops.image_checks import (
    as_batch,
    by_rank,
    checked_image,
    dimensions,
    image_assertions,
    is_symbolic,
    required,
    sizes_known,
)
from graphcore.ops.image_resizing import ResizeMethod, resize_images

# ---------------------------------------------------------------- flips and turns


def _shaped_like(image, result):
    """``result`` with the static shape of ``image``, three axes if that is unknown."""
    shape = image.get_shape()
    result.set_shape([None, None, None] if shape.ndims is None else shape)
    return result


def _flip(image, axis, scope):
    with name_scope(None, scope, [image]):
        image = checked_image(to_tensor(image, None, "image"))
        return by_rank(image, lambda one: _shaped_like(one, transposing.reverse(one, [axis])),
                       lambda many: transposing.reverse(many, [axis + 1]))


def flip_left_right(image):
    """An image, or each image of a batch, as in a mirror beside it.

    Raises:
      ValueError: ``image`` is neither ``[rows, columns, channels]`` nor ``[batch, rows, columns, channels]``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.flip_left_right([[[1], [2], [3]]]))[0, :, 0]
    array([3, 2, 1], dtype=int32)
    """
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image):
    """An image, or each image of a batch, upside down."""
    return _flip(image, 0, "flip_up_down")


def random_flip_left_right(image, seed=None):
    """An image, mirrored or as it is, with equal chances; each image of a batch for itself.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.random_flip_left_right([[[1], [2], [3]]], seed=1))[0, :, 0]
    array([3, 2, 1], dtype=int32)
    """
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image, seed=None):
    """An image, upside down or as it is, with equal chances; each image of a batch for itself."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def _random_flip(image, axis, seed, scope):
    with name_scope(None, scope, [image]) as scope:
        image = checked_image(to_tensor(image, None, "image"))
        return by_rank(image, lambda one: _flipped_or_not(one, axis, seed, scope), lambda many: _some_flipped(many, axis + 1, seed))


def _flipped_or_not(image, axis, seed, scope):
    flips = comparison.less(random.random_uniform([], 0, 1.0, seed=seed), 0.5)
    result = control_flow.cond(flips, lambda: transposing.reverse(image, [axis]), lambda: image, name=scope)
    return _shaped_like(image, result)


def _some_flipped(images, axis, seed):
    count = arrays.shape(images)[0]
    chances = random.random_uniform([count], 0, 1.0, seed=seed)
    flips = casting.cast(mathematics.round(reshaping.reshape(chances, [count, 1, 1, 1])), images.dtype)
    flipped = transposing.reverse(images, [axis])
    return flips * flipped + (1 - flips) * images


def rot90(image, k=1, name=None):
    """An image, or each image of a batch, turned counter-clockwise ``k`` times by 90 degrees; ``k`` may be a tensor.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.rot90([[[1], [2]], [[3], [4]]]))[:, :, 0]
    array([[2, 4],
           [1, 3]], dtype=int32)
    """
    with name_scope(name, "rot90", [image, k]) as scope:
        image = checked_image(to_tensor(image, None, "image"))
        k = to_tensor(k, int32, "k")
        k.get_shape().assert_has_rank(0)
        k = division.floormod(k, 4)
        return by_rank(image, lambda one: _turned(one, k, 0, scope), lambda many: _turned(many, k, 1, scope))


def _turned(image, k, rows, scope):
    """The image turned ``k`` times; its rows are along this axis."""
    columns = rows + 1
    swapped = [1, 0, 2] if rows == 0 else [0, 2, 1, 3]

    def once():
        return transposing.transpose(transposing.reverse(image, [columns]), swapped)

    def twice():
        return transposing.reverse(image, [rows, columns])

    def thrice():
        return transposing.reverse(transposing.transpose(image, swapped), [columns])

    cases = [(comparison.equal(k, number), turn) for number, turn in ((1, once), (2, twice), (3, thrice))]
    result = control_flow.case(cases, default=lambda: image, exclusive=True, name=scope)
    sizes = image.get_shape() if rows == 0 else result.get_shape()
    result.set_shape([None, None, sizes[2]] if rows == 0 else [sizes[0], None, None, sizes[3]])
    return result


def transpose_image(image, name=None):
    """An image, or each image of a batch, with its rows as columns."""
    with name_scope(name, "transpose", [image]):
        image = checked_image(to_tensor(image, None, "image"))
        return by_rank(image, lambda one: transposing.transpose(one, [1, 0, 2], name=name),
                       lambda many: transposing.transpose(many, [0, 2, 1, 3], name=name))


# ---------------------------------------------------------------- crops and pads


def central_crop(image, central_fraction):
    """The middle of an image, or of each image of a batch: this fraction of its rows and of its columns.

    Raises:
      ValueError: the fraction is not in (0, 1], or ``image`` has neither three nor four axes.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.central_crop([[[1], [2], [3], [4]]] * 4, 0.5))[0, :, 0]
    array([2, 3], dtype=int32)
    """
    with name_scope(None, "central_crop", [image]):
        image = to_tensor(image, None, "image")
        if central_fraction <= 0.0 or central_fraction > 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        checked_image(image)
        shape = image.get_shape()
        if shape.ndims not in (3, 4):
            raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {shape.ndims}.")
        return _middle(image, shape.sizes, shape.ndims - 3, central_fraction)


def _middle(image, sizes, first, fraction):
    """The middle of ``image``, whose rows are along the axis ``first``."""
    lengths = [sizes[axis] if sizes[axis] is not None else arrays.shape(image)[axis] for axis in (first, first + 1)]
    starts = [_margin(length, fraction) for length in lengths]
    counts = [length - start * 2 for length, start in zip(lengths, starts)]
    begin = joining.stack([0] * first + [*starts, 0])
    result = slicing.slice(image, begin, joining.stack([-1] * first + [*counts, -1]))
    result.set_shape([*sizes[:first], *sizes_known(*counts), sizes[-1]])
    return result


def _margin(length, fraction):
    """How much lies before the middle."""
    if not is_symbolic(length):
        return int((float(length) - float(length) * fraction) / 2)
    length = casting.cast(length, float64)
    return casting.cast((length - length * fraction) / 2, int32)


def pad_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """An image, or each image of a batch, with zeros around it.

    Args:
      offset_height, offset_width: how many rows and columns of zeros come before; they may be tensors.
      target_height, target_width: how many rows and columns the result has.

    Raises:
      ValueError: the image does not fit, an offset is negative; InvalidArgumentError when it runs, if they are tensors.
    """
    with name_scope(None, "pad_to_bounding_box", [image]):
        image, is_batch = as_batch(to_tensor(image, None, "image"))
        assertions = image_assertions(image)
        batch, height, width, depth = dimensions(image, 4)
        width_after = target_width - offset_width - width
        height_after = target_height - offset_height - height
        assertions += required(offset_height >= 0, "offset_height must be >= 0")
        assertions += required(offset_width >= 0, "offset_width must be >= 0")
        assertions += required(width_after >= 0, "width must be <= target - offset")
        assertions += required(height_after >= 0, "height must be <= target - offset")
        image = ordering.with_dependencies(assertions, image)
        around = joining.stack([0, 0, offset_height, height_after, offset_width, width_after, 0, 0])
        padded = padding.pad(image, reshaping.reshape(around, [4, 2]))
        padded.set_shape(sizes_known(batch, target_height, target_width, depth))
        return padded if is_batch else reshaping.squeeze(padded, axis=[0])


def crop_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """A rectangle of an image, or of each image of a batch.

    Args:
      offset_height, offset_width: where its upper left corner is; they may be tensors.
      target_height, target_width: how many rows and columns it has.

    Raises:
      ValueError: the rectangle is empty or not within the image; InvalidArgumentError when it runs, if its numbers are tensors.
    """
    with name_scope(None, "crop_to_bounding_box", [image]):
        image, is_batch = as_batch(to_tensor(image, None, "image"))
        assertions = image_assertions(image)
        batch, height, width, depth = dimensions(image, 4)
        assertions += required(offset_width >= 0, "offset_width must be >= 0.")
        assertions += required(offset_height >= 0, "offset_height must be >= 0.")
        assertions += required(target_width > 0, "target_width must be > 0.")
        assertions += required(target_height > 0, "target_height must be > 0.")
        assertions += required(width >= (target_width + offset_width), "width must be >= target + offset.")
        assertions += required(height >= (target_height + offset_height), "height must be >= target + offset.")
        image = ordering.with_dependencies(assertions, image)
        cropped = slicing.slice(image, joining.stack([0, offset_height, offset_width, 0]),
                                joining.stack([-1, target_height, target_width, -1]))
        cropped.set_shape(sizes_known(batch, target_height, target_width, depth))
        return cropped if is_batch else reshaping.squeeze(cropped, axis=[0])


def _larger(x, y):
    return arithmetic.maximum(x, y) if is_symbolic(x) or is_symbolic(y) else max(x, y)


def _smaller(x, y):
    return arithmetic.minimum(x, y) if is_symbolic(x) or is_symbolic(y) else min(x, y)


def _equal(x, y):
    return comparison.equal(x, y) if is_symbolic(x) or is_symbolic(y) else x == y


def resize_image_with_crop_or_pad(image, target_height, target_width):
    """An image, or each image of a batch, of these sizes: its middle, or itself amid zeros.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.resize_image_with_crop_or_pad([[[1], [2], [3]]] * 3, 1, 5))[0, :, 0]
    array([0, 1, 2, 3, 0], dtype=int32)
    """
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, is_batch = as_batch(to_tensor(image, None, "image"))
        assertions = _target_assertions(image, target_height, target_width)
        image = ordering.with_dependencies(assertions, image)
        # The checks of what follows come second: these messages are clearer.
        target_height, target_width = [ordering.with_dependencies(assertions, target) if is_symbolic(target) else target
                                       for target in (target_height, target_width)]
        resized = _cropped_and_padded(image, target_height, target_width)
        _, height, width, _ = dimensions(resized, 4)
        right = required(_equal(height, target_height), "resized height is not correct.")
        right += required(_equal(width, target_width), "resized width is not correct.")
        resized = ordering.with_dependencies(right, resized)
        return resized if is_batch else reshaping.squeeze(resized, axis=[0])


def _target_assertions(image, target_height, target_width):
    assertions = image_assertions(image)
    assertions += required(target_width > 0, "target_width must be > 0.")
    return assertions + required(target_height > 0, "target_height must be > 0.")


def _cropped_and_padded(image, target_height, target_width):
    _, height, width, _ = dimensions(image, 4)
    more_width = target_width - width
    crop_width, pad_width = _larger(-more_width // 2, 0), _larger(more_width // 2, 0)
    more_height = target_height - height
    crop_height, pad_height = _larger(-more_height // 2, 0), _larger(more_height // 2, 0)
    cropped = crop_to_bounding_box(image, crop_height, crop_width, _smaller(target_height, height), _smaller(target_width, width))
    return pad_to_bounding_box(cropped, pad_height, pad_width, target_height, target_width)


def resize_image_with_pad(image, target_height, target_width, method=ResizeMethod.BILINEAR, align_corners=False):
    """An image, or each image of a batch, resized undistorted until it fits, with zeros around it."""
    with name_scope(None, "resize_image_with_pad", [image]):
        image, is_batch = as_batch(to_tensor(image, None, "image"))
        image = ordering.with_dependencies(_target_assertions(image, target_height, target_width), image)
        _, height, width, _ = dimensions(image, 4)
        sizes, margins = _fitted(height, width, target_height, target_width)
        resized = resize_images(image, sizes, method, align_corners=align_corners)
        padded = pad_to_bounding_box(resized, *margins, target_height, target_width)
        dimensions(padded, 4)
        return padded if is_batch else reshaping.squeeze(padded, axis=[0])


def _fitted(height, width, target_height, target_width):
    """The sizes at which an image fits, and how much is free above it and to its left."""
    height, width, target_height, target_width = [
        casting.cast(each, float64) for each in (height, width, target_height, target_width)]
    ratio = _larger(width / target_width, height / target_height)
    height, width = height / ratio, width / ratio
    sizes = [casting.cast(mathematics.floor(each), int32) for each in (height, width)]
    free = [(target_height - height) / 2, (target_width - width) / 2]
    floors = [mathematics.floor(each) for each in free]
    return sizes, [_larger(0, casting.cast(each, int32)) for each in floors]


__all__ = ["central_crop", "crop_to_bounding_box", "flip_left_right", "flip_up_down", "pad_to_bounding_box",
           "random_flip_left_right", "random_flip_up_down", "resize_image_with_crop_or_pad", "resize_image_with_pad", "rot90",
           "transpose_image"]
