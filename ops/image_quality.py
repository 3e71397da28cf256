"""How images differ: from pixel to pixel, and from one another."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float32, int32
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import (
    arithmetic,
    arrays,
    casting,
    checks,
    comparison,
    constants,
    control_flow,
    division,
    filling,
    joining,
    mathematics,
    padding,
    pooling,
    reductions,
    reshaping,
    sequences,
    softmaxes,
    transposing,
)
from graphcore.ops.activations import relu
from graphcore.ops.depthwise import depthwise_conv2d
from graphcore.ops.image_colours import convert_image_dtype

# ---------------------------------------------------------------- from pixel to pixel


def total_variation(images, name=None):
    """The sum of the differences between pixels and their neighbours: of an image one number, of a batch one for each image.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     print(session.run(tf.image.total_variation(tf.constant([[[1.0], [4.0]], [[2.0], [3.0]]]))))
    6.0

    Raises:
      ValueError: ``images`` has neither three nor four axes.
    """
    with name_scope(name, "total_variation"):
        rank = images.get_shape().ndims
        if rank == 3:
            down, across, axes = images[1:, :, :] - images[:-1, :, :], images[:, 1:, :] - images[:, :-1, :], None
        elif rank == 4:
            down = images[:, 1:, :, :] - images[:, :-1, :, :]
            across, axes = images[:, :, 1:, :] - images[:, :, :-1, :], [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return (reductions.reduce_sum(arithmetic.abs(down), axis=axes)
                + reductions.reduce_sum(arithmetic.abs(across), axis=axes))


def image_gradients(image):
    """The differences from each pixel to the next below, and to the next on the right; 0 at the last ones.

    ``image`` is a batch ``[batch, rows, columns, channels]``; the two results are of its shape.
    """
    if image.get_shape().ndims != 4:
        raise ValueError("image_gradients expects a 4D tensor [batch_size, h, w, d], not %s.", image.get_shape())
    shape = arrays.shape(image)
    batch, height, width, depth = joining.unstack(shape)
    down = image[:, 1:, :, :] - image[:, :-1, :, :]
    across = image[:, :, 1:, :] - image[:, :, :-1, :]
    last_row = joining.stack([batch, 1, width, depth])
    down = reshaping.reshape(joining.concat([down, filling.zeros(last_row, image.dtype)], 1), shape)
    last_column = joining.stack([batch, height, 1, depth])
    across = reshaping.reshape(joining.concat([across, filling.zeros(last_column, image.dtype)], 2), shape)
    return down, across


_SOBEL = np.array([[[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]])


def sobel_edges(image):
    """How steep a batch of images is at each pixel, downwards and to the right: ``[batch, rows, columns, channels, 2]``."""
    known, shape = image.get_shape(), arrays.shape(image)
    kernels = constants.constant(_SOBEL.transpose(1, 2, 0)[:, :, None, :], dtype=image.dtype)
    kernels = transposing.tile(kernels, [1, 1, shape[-1], 1], name="sobel_filters")
    padded = padding.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    steepness = depthwise_conv2d(padded, kernels, [1, 1, 1, 1], "VALID")
    result = reshaping.reshape(steepness, joining.concat([shape, [2]], 0))
    result.set_shape(known.concatenate([2]))
    return result


# ---------------------------------------------------------------- from one another


def _compared(first, second):
    """The shapes of two images as tensors, and assertions that they are alike; ValueError if that is known to be false."""
    known = [each.get_shape().with_rank_at_least(3) for each in (first, second)]
    known[0][-3:].assert_is_compatible_with(known[1][-3:])
    if None not in (known[0].ndims, known[1].ndims):
        for one, other in zip(reversed(known[0].dims[:-3]), reversed(known[1].dims[:-3])):
            if not (one == 1 or other == 1 or one.is_compatible_with(other)):
                raise ValueError(f"Two images are not compatible: {known[0]} and {known[1]}")
    shapes = arrays.shape_n([first, second])
    enough = comparison.greater_equal(arrays.size(shapes[0]), 3)
    assertions = [checks.Assert(enough, shapes, summarize=10)]
    same = reductions.reduce_all(comparison.equal(shapes[0][-3:], shapes[1][-3:]))
    return shapes, [*assertions, checks.Assert(same, shapes, summarize=10)]


def psnr(a, b, max_val, name=None):
    """The peak signal-to-noise ratio, in decibels, of images ``[..., rows, columns, channels]`` to others.

    ``max_val`` is the difference between the brightest pixel that there can be and the darkest.
    """
    with name_scope(name, "PSNR", [a, b]):
        max_val = convert_image_dtype(casting.cast(max_val, a.dtype), float32)
        a, b = convert_image_dtype(a, float32), convert_image_dtype(b, float32)
        error = reductions.reduce_mean(arithmetic.squared_difference(a, b), [-3, -2, -1])
        ratio = arithmetic.subtract(20 * mathematics.log(max_val) / mathematics.log(10.0),
                                    np.float32(10 / np.log(10)) * mathematics.log(error), name="psnr")
        _, assertions = _compared(a, b)
        with get_default_graph().control_dependencies(assertions):
            return arrays.identity(ratio)


def _likeness(x, y, blurred, max_val, k1, k2):
    """How alike images are in brightness; and in contrast and structure."""
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_x, mean_y = blurred(x), blurred(y)
    product = mean_x * mean_y * 2.0
    squares = arithmetic.square(mean_x) + arithmetic.square(mean_y)
    brightness = (product + c1) / (squares + c1)
    products = blurred(x * y) * 2.0
    all_squares = blurred(arithmetic.square(x) + arithmetic.square(y))
    c2 *= 1.0
    return brightness, (products - product + c2) / (all_squares - squares + c2)


def _gaussian(size, sigma):
    """A Gaussian bell of ``size`` pixels, as a filter ``[size, size, 1, 1]``."""
    size, sigma = to_tensor(size, int32), to_tensor(sigma)
    places = casting.cast(sequences.range(size), sigma.dtype)
    places -= casting.cast(size - 1, sigma.dtype) / 2.0
    exponents = arithmetic.square(places)
    exponents *= -0.5 / arithmetic.square(sigma)
    exponents = reshaping.reshape(exponents, [1, -1]) + reshaping.reshape(exponents, [-1, 1])
    weights = softmaxes.softmax(reshaping.reshape(exponents, [1, -1]))
    return reshaping.reshape(weights, [size, size, 1, 1])


def _ssim_by_channel(first, second, max_val, filter_size, filter_sigma, k1, k2):
    """The structural similarity of each channel; and its part without brightness."""
    filter_size = constants.constant(filter_size, dtype=int32)
    filter_sigma = constants.constant(filter_sigma, dtype=first.dtype)
    shapes = arrays.shape_n([first, second])
    assertions = [checks.Assert(reductions.reduce_all(comparison.greater_equal(shape[-3:-1], filter_size)), [shape, filter_size],
                                summarize=8) for shape in shapes]
    with get_default_graph().control_dependencies(assertions):
        first = arrays.identity(first)
    kernel = transposing.tile(_gaussian(filter_size, filter_sigma), [1, 1, shapes[0][-1], 1])

    def blurred(images):
        shape = arrays.shape(images)
        images = reshaping.reshape(images, joining.concat([[-1], shape[-3:]], 0))
        result = depthwise_conv2d(images, kernel, strides=[1, 1, 1, 1], padding="VALID")
        return reshaping.reshape(result, joining.concat([shape[:-3], arrays.shape(result)[1:]], 0))

    brightness, structure = _likeness(first, second, blurred, max_val, k1, k2)
    axes = constants.constant([-3, -2], dtype=int32)
    return reductions.reduce_mean(brightness * structure, axes), reductions.reduce_mean(structure, axes)


def _as_floats(first, second, max_val):
    max_val = convert_image_dtype(casting.cast(max_val, first.dtype), float32)
    return convert_image_dtype(first, float32), convert_image_dtype(second, float32), max_val


def ssim(img1, img2, max_val, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    """The structural similarity of images ``[..., rows, columns, channels]`` to others: 1 if they are the same.

    Args:
      max_val: the difference between the brightest pixel that there can be and the darkest.
      filter_size, filter_sigma: of the Gaussian bell that weighs a pixel's surroundings.
      k1, k2: what keeps the result steady where images are dark or even.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity" (2004).
    """
    _, assertions = _compared(img1, img2)
    with get_default_graph().control_dependencies(assertions):
        img1 = arrays.identity(img1)
    img1, img2, max_val = _as_floats(img1, img2, max_val)
    by_channel, _ = _ssim_by_channel(img1, img2, max_val, filter_size, filter_sigma, k1, k2)
    return reductions.reduce_mean(by_channel, [-1])


def ssim_multiscale(img1, img2, max_val, power_factors=(0.0448, 0.2856, 0.3001, 0.2363, 0.1333), filter_size=11, filter_sigma=1.5,
                    k1=0.01, k2=0.03):
    """`ssim` at several sizes of the images, each half the one before; ``power_factors`` weigh them."""
    with name_scope(None, "MS-SSIM", [img1, img2]):
        images = [to_tensor(img1, None, "img1"), to_tensor(img2, None, "img2")]
        shapes, assertions = _compared(*images)
        with get_default_graph().control_dependencies(assertions):
            images[0] = arrays.identity(images[0])
        *images, max_val = _as_floats(*images, max_val)
        heads, tails = [shape[:-3] for shape in shapes], [shape[-3:] for shape in shapes]
        halves = constants.constant([2, 2, 1], dtype=int32)
        structures = []
        for number in range(len(power_factors)):
            with name_scope(None, f"Scale{number}", images):
                if number > 0:
                    images, tails = _halved(images, heads, tails, halves)
                by_channel, structure = _ssim_by_channel(*images, max_val, filter_size, filter_sigma, k1, k2)
                structures.append(relu(structure))
        # Brightness counts at the smallest size alone.
        structures.pop()
        together = joining.stack([*structures, relu(by_channel)], axis=-1)
        by_channel = reductions.reduce_prod(division.pow(together, power_factors), [-1])
        return reductions.reduce_mean(by_channel, [-1])


def _halved(images, heads, tails, halves):
    """Images of half the size, and their last three sizes."""
    flat = [reshaping.reshape(image, joining.concat([[-1], tail], 0)) for image, tail in zip(images, tails)]
    remainder = tails[0] % halves
    uneven = reductions.reduce_any(comparison.not_equal(remainder, 0))
    padded = control_flow.cond(uneven, lambda: _evened(flat, remainder), lambda: flat)
    smaller = [pooling.avg_pool(image, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID") for image in padded]
    tails = [shape[1:] for shape in arrays.shape_n(smaller)]
    return [reshaping.reshape(image, joining.concat([head, tail], 0)) for image, head, tail in zip(smaller, heads, tails)], tails


def _evened(images, remainder):
    """Images with their last row or column twice where there is an odd number of them."""
    more = padding.pad(reshaping.expand_dims(remainder, -1), [[1, 0], [1, 0]])
    return [padding.pad(image, more, mode="SYMMETRIC") for image in images]


__all__ = ["image_gradients", "psnr", "sobel_edges", "ssim", "ssim_multiscale", "total_variation"]
