"""Colours of images: other number types, shades of gray, hue and saturation, YIQ and YUV."""


from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, as_dtype, float32, int32
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank_at_least
from graphcore.ops import arithmetic, arrays, casting, division, filling, image_colour_gradients, joining, linalg, reshaping, transposing
from graphcore.ops.image_checks import checked_grayscale
from graphcore.ops.kernels import colours

# ---------------------------------------------------------------- hue, saturation, value


def _three_channels(node):
    sizes = with_rank_at_least(node.images.shape.sizes, 1)
    if sizes is None:
        return None
    if sizes[-1] not in (3, None):
        raise ShapeMismatch(f"Dimension must be 3 but is {sizes[-1]}")
    return (*sizes[:-1], 3)


def _check_channels(images):
    if images.ndim < 1:
        raise errors.InvalidArgumentError(None, None, f"input must be at least 1D{format_shape(images.shape)}")
    if images.shape[-1] != 3:
        raise errors.FailedPreconditionError(None, None, f"input must have 3 channels but input only has {images.shape[-1]} channels.")


def _converted(way, images):
    _check_channels(images)
    return way(images)


class RGBToHSV(Op):
    """Hue, saturation and value, from 0 to 1, of colours ``[..., 3]``."""

    T = TypeAttr(FLOATS, default=float32)
    images = Input(T)
    output = Output(T)
    example = dict(images=[[1.0, 0.5, 0.25], [0.5, 2.0, 4.0]], output=[[0.055555556, 0.75, 1.0], [0.5952381, 0.875, 4.0]])

    def infer(node):
        return _three_channels(node)

    def kernel(images):
        return _converted(colours.hsv_of_rgb, images)

    def grad(node, dy):
        return image_colour_gradients.of_hsv(node.images, dy)


class HSVToRGB(Op, differentiable=False):
    """The colours ``[..., 3]`` of these hues, saturations and values."""

    T = TypeAttr(FLOATS, default=float32)
    images = Input(T)
    output = Output(T)
    example = dict(images=[[0.0, 1.0, 2.0], [0.5, 0.5, 1.0]], output=[[2.0, 0.0, 0.0], [0.5, 1.0, 1.0]])

    def infer(node):
        return _three_channels(node)

    def kernel(images):
        return _converted(colours.rgb_of_hsv, images)


rgb_to_hsv = RGBToHSV.function("rgb_to_hsv")
hsv_to_rgb = HSVToRGB.function("hsv_to_rgb")

# ---------------------------------------------------------------- number types


def convert_image_dtype(image, dtype, saturate=False, name=None):
    """An image in another number type, its values scaled: floats go from 0 to 1, integers from 0 to their largest number.

    Args:
      saturate: make values that ``dtype`` has no room for its smallest or largest.

    Raises:
      AttributeError: ``dtype`` is neither a float nor an integer type.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.convert_image_dtype([0.0, 0.5, 1.0], tf.uint8))
    array([  0, 127, 255], dtype=uint8)
    """
    image = to_tensor(image, None, "image")
    dtype = as_dtype(dtype)
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if dtype == image.dtype:
        return arrays.identity(image, name=name)
    with name_scope(name, "convert_image", [image]) as name:
        if image.dtype.is_integer:
            return _from_integers(image, dtype, saturate, name)
        if dtype.is_floating:
            return casting.cast(image, dtype, name=name)
        return _cast(arithmetic.multiply(image, dtype.max + 0.5), dtype, saturate, name)  # the cast cuts: half a step more


def _cast(image, dtype, saturate, name=None):
    return (casting.saturate_cast if saturate else casting.cast)(image, dtype, name=name)


def _from_integers(image, dtype, saturate, name):
    most = image.dtype.max
    if dtype.is_floating:
        return arithmetic.multiply(casting.cast(image, dtype), 1.0 / most, name=name)
    if most > dtype.max:
        return _cast(division.div(image, (most + 1) // (dtype.max + 1)), dtype, saturate, name)
    return arithmetic.multiply(_cast(image, dtype, saturate), (dtype.max + 1) // (most + 1), name=name)


# ---------------------------------------------------------------- shades of gray

_LUMA = [0.2989, 0.5870, 0.1140]


def rgb_to_grayscale(images, name=None):
    """How bright colours ``[..., 3]`` are: ``[..., 1]``, of the images' type.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.rgb_to_grayscale(np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)))[0, :, 0]
    array([ 76, 149], dtype=uint8)
    """
    with name_scope(name, "rgb_to_grayscale", [images]) as name:
        images = to_tensor(images, None, "images")
        colours_as_floats = convert_image_dtype(images, float32)
        gray = reshaping.expand_dims(linalg.tensordot(colours_as_floats, _LUMA, [-1, -1]), -1)
        return convert_image_dtype(gray, images.dtype, name=name)


def grayscale_to_rgb(images, name=None):
    """Shades of gray ``[..., 1]`` as colours ``[..., 3]``.

    Raises:
      ValueError: ``images`` has another number of channels; InvalidArgumentError when it runs, if that is not known before.
    """
    with name_scope(name, "grayscale_to_rgb", [images]) as name:
        images = to_tensor(checked_grayscale(images), None, "images")
        before = reshaping.expand_dims(arrays.rank(images) - 1, 0)
        ones = filling.ones(before, dtype=int32)
        result = transposing.tile(images, joining.concat([ones, reshaping.expand_dims(3, 0)], 0), name=name)
        result.set_shape(images.get_shape()[:-1].concatenate([3]))
        return result


# ---------------------------------------------------------------- YIQ and YUV

_YIQ_OF_RGB = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_RGB_OF_YIQ = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_YUV_OF_RGB = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_RGB_OF_YUV = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]


def _times(images, matrix):
    """Each pixel times ``matrix``."""
    images = to_tensor(images, None, "images")
    matrix = to_tensor(matrix, images.dtype, "kernel")
    return linalg.tensordot(images, matrix, axes=[[images.get_shape().ndims - 1], [0]])


def rgb_to_yiq(images):
    """Colours ``[..., 3]`` in YIQ, the colours of NTSC television: brightness, orange to blue, purple to green."""
    return _times(images, _YIQ_OF_RGB)


def yiq_to_rgb(images):
    """The inverse of `rgb_to_yiq`."""
    return _times(images, _RGB_OF_YIQ)


def rgb_to_yuv(images):
    """Colours ``[..., 3]`` in YUV: brightness, and how blue and how red they are."""
    return _times(images, _YUV_OF_RGB)


def yuv_to_rgb(images):
    """The inverse of `rgb_to_yuv`."""
    return _times(images, _RGB_OF_YUV)


__all__ = ["convert_image_dtype", "grayscale_to_rgb", "hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv", "rgb_to_yiq", "rgb_to_yuv",
           "yiq_to_rgb", "yuv_to_rgb"]
