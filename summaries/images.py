"""Images in summaries: numbers become pixels as TF makes them, pixels become PNG files."""

import io

import numpy as np

from graphcore import proto
from graphcore.core.dtypes import as_dtype
from graphcore.core.errors import InvalidArgumentError
from graphcore.summaries.protos import scalar_tag, serialized, tags_of

_CHANNELS = (1, 3, 4)
_DARK = np.float32(1e-6)    # numbers below are all the same to the eye
_RUNTIME_NAMES = {"float16": "half", "float32": "float", "float64": "double"}


def image_summary(tag, tensor, most, bad_color, name="ImageSummary"):
    """Return the summary, as bytes, of the first `most` images of a batch [images, height, width, channels].

    uint8 are pixels; `pixels_of` makes them of other numbers. `name` is the op's, for its errors.
    """
    _check_color(bad_color)
    tag = scalar_tag(tag, "Tags must be a scalar", name)
    _check(tensor, bad_color)
    height, width, channels = tensor.shape[1:]
    summary = proto.Summary()
    images = tensor[:most]
    for tag_of_one, image in zip(tags_of(tag, "image", len(images), most), images, strict=True):
        pixels = image if image.dtype == np.uint8 else pixels_of(image, bad_color)
        summary.value.add(tag=tag_of_one, image=proto.Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=png(pixels)))
    return serialized(summary)


def pixels_of(image, bad_color):
    """Return the numbers of one image [height, width, channels] as bytes.

    The largest becomes 255 and 0 stays 0; if some are negative, 0 becomes 128 and the one farthest from it 1 or 255.
    Pixels that are not finite get `bad_color`.
    """
    finite = np.isfinite(image).all(axis=-1)
    # Doubles may exceed float32, and scales exceed float16: as in TF, they become infinite.
    with np.errstate(all="ignore"):
        scale, offset = _scale_and_offset(image[finite].astype(np.float32), image.dtype.type)
        scaled = image * scale + offset
        pixels = np.where(np.isfinite(scaled), scaled, 0).astype(np.uint8)
    pixels[~finite] = bad_color[:image.shape[-1]]
    return pixels


def _scale_and_offset(numbers, kind):
    """Return what maps float32 numbers to pixels, as numbers of the type `kind`."""
    smallest, largest = (numbers.min(), numbers.max()) if numbers.size else (np.float32(0), np.float32(0))
    signed = smallest < 0
    most, span = (max(-smallest, abs(largest)), np.float32(127)) if signed else (largest, np.float32(255))
    return kind(0 if most < _DARK else span / most), kind(128 if signed else 0)


def png(pixels):
    """Return the PNG file of bytes [height, width, channels]: grey, RGB, or RGBA."""
    # Costly to import, and most programs log no images.
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[-1] == 1 else pixels)).save(file, "PNG")
    return file.getvalue()


def _check_color(bad_color):
    """Refuse a colour that is no vector of bytes."""
    if bad_color.dtype != np.uint8:
        name = as_dtype(bad_color.dtype).name
        raise _error(f"bad_color must be uint8, got {_RUNTIME_NAMES.get(name, name)}")
    if bad_color.ndim != 1:
        raise _error(f"bad_color must be a vector, got shape {_brackets(bad_color)}")


def _check(tensor, bad_color):
    """Refuse what is no batch of images."""
    if tensor.ndim != 4 or tensor.shape[-1] not in _CHANNELS:
        raise _error(f"Tensor must be 4-D with last dim 1, 3, or 4, not {_brackets(tensor)}; "
                     "the dimensions are images, height, width, channels")
    if tensor.dtype != np.uint8 and tensor.shape[-1] > bad_color.size:
        raise _error(f"expected depth <= bad_color.size, got depth = {tensor.shape[-1]}, bad_color.size = {bad_color.size}")
    if len(tensor) and 0 in tensor.shape:
        raise _error(f"input tensor must have non-zero dims. Found: {list(tensor.shape)}.")


def _brackets(array):
    return "[" + ",".join(map(str, array.shape)) + "]"


def _error(text):
    return InvalidArgumentError(None, None, text)
