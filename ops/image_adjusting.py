"""Images made brighter, of more contrast or other colours: by a given amount, or by one drawn at random."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import float16, float32, int32, uint8
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import format_shape, with_rank, with_rank_at_least
from graphcore.ops import arithmetic, arrays, casting, division, image_codecs, mathematics, ordering, random, reductions
from graphcore.ops.image_checks import checked_image, is_symbolic, required
from graphcore.ops.image_colours import convert_image_dtype
from graphcore.ops.kernels import colours

_FLOATS = frozenset({float16, float32})
_COLOURS = [[[[1.0, 0.5, 0.25], [0.0, 0.25, 1.0]]]]


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _adjusted(way, images, amount, name, channels=True):
    """``way(images, amount)``, calculated in float32; TF's errors for images and amounts that it is not made for."""
    if images.ndim < 3:
        raise _invalid(f"input must be at least 3-D, got shape{format_shape(images.shape)}")
    if np.ndim(amount):
        raise _invalid(f"{name} must be scalar: {format_shape(amount.shape)}")
    if channels and images.shape[-1] != 3:
        raise _invalid(f"input must have 3 channels but instead has {images.shape[-1]} channels.")
    if images.size == 0:
        return images.copy()
    return way(images.astype(np.float32, copy=False), amount).astype(images.dtype, copy=False)


class AdjustContrastv2(Op, refuses=True):
    """``images`` whose values are ``contrast_factor`` times as far from the mean of their image and channel."""

    T = TypeAttr(_FLOATS, default=float32)
    images = Input(T)
    contrast_factor = Input(float32)
    output = Output(T)
    example = dict(images=_COLOURS, contrast_factor=2.0, output=[[[[1.5, 0.625, -0.125], [-0.5, 0.125, 1.375]]]])

    def infer(node):
        with_rank(node.contrast_factor.shape.sizes, 0)
        return with_rank_at_least(node.images.shape.sizes, 3)

    def kernel(images, contrast_factor):
        return _adjusted(colours.with_contrast, images, contrast_factor, "contrast_factor", channels=False)


class AdjustHue(Op, refuses=True):
    """``images`` whose hues are moved by ``delta`` turns of the colour wheel."""

    T = TypeAttr(_FLOATS, default=float32)
    images = Input(T)
    delta = Input(float32)
    output = Output(T)
    example = dict(images=_COLOURS, delta=0.5, output=[[[[0.25, 0.75, 1.0], [1.0, 0.75, 0.0]]]])

    def infer(node):
        return with_rank_at_least(node.images.shape.sizes, 3)

    def kernel(images, delta):
        return _adjusted(colours.with_hue, images, delta, "delta")


class AdjustSaturation(Op, refuses=True):
    """``images`` whose saturation is ``scale`` times as much, at most 1."""

    T = TypeAttr(_FLOATS, default=float32)
    images = Input(T)
    scale = Input(float32)
    output = Output(T)
    example = dict(images=_COLOURS, scale=0.5, output=[[[[1.0, 0.75, 0.625], [0.5, 0.625, 1.0]]]])

    def infer(node):
        return with_rank_at_least(node.images.shape.sizes, 3)

    def kernel(images, scale):
        return _adjusted(colours.with_saturation, images, scale, "scale")


def _floats(image):
    """``image`` as it is if of short or single floats, else scaled to float32."""
    return image if image.dtype in (float16, float32) else convert_image_dtype(image, float32)


# ---------------------------------------------------------------- by a given amount


def adjust_brightness(image, delta):
    """``image`` with ``delta`` added, where 1 is the difference between black and white; of the image's type.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.adjust_brightness([[[0.25], [0.5]]], 0.25))[0, :, 0]
    array([0.5 , 0.75], dtype=float32)
    """
    with name_scope(None, "adjust_brightness", [image, delta]) as name:
        image = to_tensor(image, None, "image")
        floats = _floats(image)
        brighter = arithmetic.add(floats, casting.cast(delta, floats.dtype), name=name)
        return convert_image_dtype(brighter, image.dtype, saturate=True)


def adjust_contrast(images, contrast_factor):
    """``images`` whose values are ``contrast_factor`` times as far from the mean of their image and channel."""
    with name_scope(None, "adjust_contrast", [images, contrast_factor]) as name:
        images = to_tensor(images, None, "images")
        adjusted = AdjustContrastv2.build(_floats(images), contrast_factor, name=name)
        return convert_image_dtype(adjusted, images.dtype, saturate=True)


def adjust_gamma(image, gamma=1, gain=1):
    """``gain * image ** gamma``, of the image's type.

    Raises:
      ValueError: ``gamma`` is negative; InvalidArgumentError when it runs, if it is a tensor.
    """
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = to_tensor(image, None, "image")
        floats = _floats(image)
        assertions = required(gamma >= 0, "Gamma should be a non-negative real number.")
        if assertions:
            gamma = ordering.with_dependencies(assertions, gamma)
        return convert_image_dtype(gain * floats ** gamma, image.dtype, saturate=True)


def adjust_hue(image, delta, name=None):
    """Colours ``[..., 3]`` whose hues are moved by ``delta`` turns of the colour wheel."""
    with name_scope(name, "adjust_hue", [image]):
        image = to_tensor(image, None, "image")
        return convert_image_dtype(AdjustHue.build(_floats(image), delta), image.dtype)


def adjust_saturation(image, saturation_factor, name=None):
    """Colours ``[..., 3]`` whose saturation is ``saturation_factor`` times as much, at most 1."""
    with name_scope(name, "adjust_saturation", [image]):
        image = to_tensor(image, None, "image")
        return convert_image_dtype(AdjustSaturation.build(_floats(image), saturation_factor), image.dtype)


def adjust_jpeg_quality(image, jpeg_quality, name=None):
    """``image`` as a JPEG file of this quality, 0 to 100, would show it."""
    with name_scope(name, "adjust_jpeg_quality", [image]):
        image = to_tensor(image, None, "image")
        pixels = convert_image_dtype(image, uint8)
        if not is_symbolic(jpeg_quality):
            jpeg_quality = to_tensor(jpeg_quality, int32)
        written = image_codecs.EncodeJpegVariableQuality.build(pixels, jpeg_quality)
        return convert_image_dtype(image_codecs.DecodeJpeg.build(written), image.dtype)


def per_image_standardization(image):
    """Each image ``[..., rows, columns, channels]`` with mean 0 and standard deviation 1.

    Of an image whose values differ by next to nothing the difference is not made larger than it would be in noise of 1.
    """
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = checked_image(to_tensor(image, None, "image"))
        dtype = image.dtype
        if dtype not in (float16, float32):
            image = convert_image_dtype(image, float32)
        count = reductions.reduce_prod(arrays.shape(image)[-3:])
        mean = reductions.reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = reductions.reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = mathematics.rsqrt(casting.cast(count, image.dtype))
        deviation = arithmetic.maximum(deviation, least)
        image -= mean
        return convert_image_dtype(division.div(image, deviation, name=scope), dtype, saturate=True)


# ---------------------------------------------------------------- by an amount drawn at random


def random_brightness(image, max_delta, seed=None):
    """`adjust_brightness` by an amount drawn from [-max_delta, max_delta).

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     print(f"{session.run(tf.image.random_brightness([[[0.5]]], 0.5, seed=1))[0, 0, 0]:.4f}")
    0.2390
    """
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random.random_uniform([], -max_delta, max_delta, seed=seed))


def _between(lower, upper, seed):
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return random.random_uniform([], lower, upper, seed=seed)


def random_contrast(image, lower, upper, seed=None):
    """`adjust_contrast` by a factor drawn from [lower, upper)."""
    return adjust_contrast(image, _between(lower, upper, seed))


def random_saturation(image, lower, upper, seed=None):
    """`adjust_saturation` by a factor drawn from [lower, upper)."""
    return adjust_saturation(image, _between(lower, upper, seed))


def random_hue(image, max_delta, seed=None):
    """`adjust_hue` by an amount drawn from [-max_delta, max_delta); at most half a turn."""
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, random.random_uniform([], -max_delta, max_delta, seed=seed))


def random_jpeg_quality(image, min_jpeg_quality, max_jpeg_quality, seed=None):
    """`adjust_jpeg_quality` with a quality drawn from [min_jpeg_quality, max_jpeg_quality)."""
    if not (0 <= min_jpeg_quality <= 100 and 0 <= max_jpeg_quality <= 100):
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if min_jpeg_quality >= max_jpeg_quality:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")
    quality = random.random_uniform([], min_jpeg_quality, max_jpeg_quality, seed=seed, dtype=int32)
    return adjust_jpeg_quality(image, quality)


__all__ = ["adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_jpeg_quality", "adjust_saturation",
           "per_image_standardization", "random_brightness", "random_contrast", "random_hue", "random_jpeg_quality",
           "random_saturation"]
