"""What functions on images check first: that an image has rows, columns and channels, none of them empty.

What is known while the graph is built is checked then; the rest is an assertion that runs with the image.
"""

from graphcore.core.node import Tensor
from graphcore.ops import arrays, checks, joining, ordering, reshaping
from graphcore.ops.variables import Variable

_EMPTY = "all dims of 'image.shape' must be > 0"
_THREE_AXES = "'image' must be at least three-dimensional."
_GRAY = "Last dimension of a grayscale image should be size 1."
_TWO_AXES = "A grayscale image must be at least two-dimensional."
_THREE_OR_FOUR = "'image' must have either 3 or 4 dimensions."


def is_symbolic(value):
    """Whether ``value`` is known only when the graph runs."""
    return isinstance(value, (Tensor, Variable))


def required(condition, message):
    """No assertions if ``condition`` is true, one if it is a tensor; ValueError(message) if it is false."""
    if is_symbolic(condition):
        return [checks.Assert(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def image_assertions(image):
    """The assertions that ``image`` has at least three axes and no empty one, as far as they must wait."""
    shape = image.get_shape()
    try:
        shape = shape.with_rank(3) if shape.ndims is None else shape.with_rank_at_least(3)
    except ValueError:
        raise ValueError(_THREE_AXES) from None
    if 0 in shape.sizes:
        raise ValueError(f"{_EMPTY}: {shape}")
    if shape.is_fully_defined():
        return []
    return [checks.assert_positive(arrays.shape(image), [f"{_EMPTY}."]),
            checks.assert_greater_equal(arrays.rank(image), 3, message=_THREE_AXES)]


def checked_image(image):
    """``image``, after the assertions that it needs."""
    return ordering.with_dependencies(image_assertions(image), image)


def checked_grayscale(image):
    """``image``, after the assertion that it has one channel."""
    shape = image.get_shape()
    try:
        shape = shape.with_rank(2) if shape.ndims is None else shape.with_rank_at_least(2)
    except ValueError:
        raise ValueError(_TWO_AXES) from None
    assertions = []
    if not shape.is_fully_defined():
        assertions = [checks.assert_equal(arrays.shape(image)[-1], 1, message=_GRAY),
                      checks.assert_greater_equal(arrays.rank(image), 3, message=_TWO_AXES)]
    elif shape.sizes[-1] != 1:
        raise ValueError(_GRAY)
    return ordering.with_dependencies(assertions, image)


def dimensions(image, rank):
    """The sizes of ``image``: ints where they are known, scalar tensors where not."""
    shape = image.get_shape()
    if shape.is_fully_defined():
        return shape.as_list()
    known = shape.with_rank(rank).as_list()
    found = joining.unstack(arrays.shape(image), rank)
    return [size if size is not None else tensor for size, tensor in zip(known, found)]


def as_batch(image):
    """``image`` with four axes, and whether it had them; ValueError if it has neither three nor four."""
    rank = image.get_shape().ndims
    if rank == 4:
        return image, True
    if rank not in (3, None):
        raise ValueError(_THREE_OR_FOUR)
    image = reshaping.expand_dims(image, 0)
    if rank is None:
        image.set_shape([None] * 4)
    return image, False


def by_rank(image, of_one, of_many):
    """``of_one(image)`` for three axes or an unknown number, ``of_many(image)`` for four; ValueError for others."""
    rank = image.get_shape().ndims
    if rank not in (3, 4, None):
        raise ValueError(_THREE_OR_FOUR)
    return of_many(image) if rank == 4 else of_one(image)


def sizes_known(*sizes):
    """Sizes as a static shape takes them: None for tensors."""
    return [None if is_symbolic(size) else size for size in sizes]
