"""Image files: PNG, JPEG, GIF and BMP, from bytes to pixels and from pixels to bytes."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import INDICES, int32, string, uint8, uint16
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops.kernels import gif_files, jpeg_files, png_files

# ---------------------------------------------------------------- what the declarations share


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def _checked_channels(node):
    with_rank(node.contents.shape.sizes, 0)
    if node.channels < 0:
        raise ShapeMismatch(f"channels must be non-negative, got {node.channels}")
    return node.channels or None


def _bytes_of(contents):
    if np.ndim(contents):
        raise _invalid(f"contents must be scalar, got shape {format_shape(contents.shape)}")
    return bytes(np.asarray(contents, object).item())


def _text(value):
    """A file as the value of a string tensor."""
    result = np.empty((), object)
    result[()] = value
    return result


def decoded(contents, channels, dtype=np.uint8, jpeg=None):
    """Pixels of a JPEG, PNG or GIF file, whichever it is; a GIF's have four axes.  TF's errors for what is none of them."""
    if contents[:3] == b"\xff\xd8\xff":
        return _of_jpeg(contents, channels, dtype, jpeg or {})
    if contents[:8] == png_files.SIGNATURE:
        return _decode(png_files.decode, f"Invalid PNG data, size {len(contents)}", contents, channels, dtype)
    if contents[:4] in (b"GIF8", b"GIF9"):
        if channels not in (0, 3):
            raise _invalid(f"channels must be 0 or 3 for GIF, got {channels}")
        if dtype != np.uint8:
            raise _invalid("GIF does not support uint16 output")
        return _of_gif(contents)
    if not contents:
        raise _invalid("Expected image (JPEG, PNG, or GIF), got empty file")
    raise _invalid(f"Expected image (JPEG, PNG, or GIF), got unknown format starting with '{_escaped(contents[:16])}'")


def _escaped(start):
    """Bytes as TF shows them: those that do not print in octal."""
    special = {10: r"\n", 13: r"\r", 9: r"\t", 34: r"\"", 39: r"\'", 92: r"\\"}
    return "".join([special.get(each, chr(each) if 32 <= each < 127 else f"\\{each:03o}") for each in start])


def _decode(way, complaint, *arguments):
    try:
        return way(*arguments)
    except ValueError as error:
        raise _invalid(f"{complaint}: {error}") from None


def _of_jpeg(contents, channels, dtype, settings):
    if channels == 4:
        raise _invalid("channels must be 0, 1, or 3 for JPEG, got 4")
    if dtype != np.uint8:
        raise _invalid("JPEG does not support uint16 output")
    complaint = f"Invalid JPEG data or crop window, data size {len(contents)}"
    return _decode(lambda: jpeg_files.decode(contents, channels, **settings), complaint)


def _of_gif(contents):
    try:
        return gif_files.decode(contents)
    except ValueError as error:
        raise _invalid(f"Invalid GIF data (size {len(contents)}), {error}") from None


def _one_image(contents, channels, dtype=np.uint8, jpeg=None):
    """`decoded`, where one image is wanted: a GIF that moves is an error."""
    if channels not in (0, 1, 3, 4):
        raise _invalid(f"channels must be 0, 1, 3, or 4, got {channels}")
    pixels = decoded(_bytes_of(contents), channels, dtype, jpeg)
    if pixels.ndim == 4 and len(pixels) != 1:
        raise _invalid(f"Got {len(pixels)} frames, but animated gifs can only be decoded by tf.image.decode_gif or "
                       "tf.image.decode_image")
    return pixels[0] if pixels.ndim == 4 else pixels


def _jpeg_settings(ratio, fancy_upscaling, try_recover_truncated, dct_method):
    if ratio not in (1, 2, 4, 8):
        raise _invalid(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    if dct_method not in (b"", b"INTEGER_FAST", b"INTEGER_ACCURATE"):
        raise _invalid("dct_method must be one of {'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}")
    return dict(ratio=ratio, interpolated=fancy_upscaling, recover=try_recover_truncated, quick=dct_method != b"INTEGER_ACCURATE")


# ---------------------------------------------------------------- decoding

_PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0\xd1I V\0\0\0\x0bIDATx\x9cc\xa8\xff\x0f\0\x02\0\x01\x7f"
        b"\xff\xd1\xc9I\0\0\0\0IEND\xaeB`\x82")
# Two gray pixels.
_JPEG = (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0C\0" b"P7<F<2PFAFZUP_x\xc8\x82xnnx\xf5\xaf\xb9\x91\xc8"
         + b"\xff" * 38 + b"\xff\xc0\0\x0b\x08\0\x01\0\x02\x01\x01\x11\0\xff\xc4\0\x14\0\x01" + bytes(15) + b"\x03\xff\xc4\0\x14\x10\x01"
         + bytes(16) + b"\xff\xda\0\x08\x01\x01\0\0?\0w\xff\xd9")
_GIF = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02D\n\0;"
_BMP = (b"BM:\0\0\0\0\0\0\x006\0\0\0(\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        b"\x03\x02\x01\0")


class DecodePng(Op, refuses=True):
    """The pixels ``[rows, columns, channels]`` of a PNG file, or of a JPEG or unmoving GIF file."""

    channels = Attr(int, default=0)
    dtype = TypeAttr({uint8, uint16}, default=uint8)
    contents = Input(string)
    image = Output(dtype)
    example = dict(contents=_PNG, image=np.array([[[127], [255]]], np.uint8))

    def infer(node):
        return None, None, _checked_channels(node)

    def kernel(contents, *, channels, dtype):
        return _one_image(contents, channels, dtype.np)


class DecodeJpeg(Op, refuses=True):
    """The pixels ``[rows, columns, channels]`` of a JPEG file, or of a PNG or unmoving GIF file."""

    channels = Attr(int, default=0)
    ratio = Attr(int, default=1)
    fancy_upscaling = Attr(bool, default=True)
    try_recover_truncated = Attr(bool, default=False)
    acceptable_fraction = Attr(float, default=1.0)
    dct_method = Attr(bytes, default=b"")
    contents = Input(string)
    image = Output(uint8)
    example = dict(contents=_JPEG, image=np.array([[[198], [198]]], np.uint8))

    def infer(node):
        return None, None, _checked_channels(node)

    def kernel(contents, *, channels, ratio, fancy_upscaling, try_recover_truncated, dct_method):
        return _one_image(contents, channels, jpeg=_jpeg_settings(ratio, fancy_upscaling, try_recover_truncated, dct_method))


class DecodeAndCropJpeg(Op, refuses=True):
    """The part ``crop_window``, ``[row, column, rows, columns]``, of the pixels of a JPEG file."""

    channels = Attr(int, default=0)
    ratio = Attr(int, default=1)
    fancy_upscaling = Attr(bool, default=True)
    try_recover_truncated = Attr(bool, default=False)
    acceptable_fraction = Attr(float, default=1.0)
    dct_method = Attr(bytes, default=b"")
    contents = Input(string)
    crop_window = Input(int32, static=True)
    image = Output(uint8)
    example = dict(contents=_JPEG, crop_window=[0, 1, 1, 1], image=np.array([[[198]]], np.uint8))

    def infer(node):
        channels = _checked_channels(node)
        (length,) = with_rank(node.crop_window.shape.sizes, 1)
        if length not in (None, 4):
            raise ShapeMismatch(f"Dimension must be 4 but is {length}")
        window = node.crop_window.value
        if window is None:
            return None, None, channels
        return (*[None if size < 0 else size for size in window.tolist()[2:]], channels)

    def kernel(contents, crop_window, *, channels, ratio, fancy_upscaling, try_recover_truncated, dct_method):
        if crop_window.ndim != 1:
            raise _invalid(f"crop_window must be 1-D, got shape {format_shape(crop_window.shape)}")
        if crop_window.size != 4:
            raise _invalid(f"crop_size must have four elements {format_shape(crop_window.shape)}")
        settings = _jpeg_settings(ratio, fancy_upscaling, try_recover_truncated, dct_method)
        return _one_image(contents, channels, jpeg=dict(settings, crop=crop_window.tolist()))


class DecodeGif(Op, refuses=True):
    """The pixels ``[frames, rows, columns, 3]`` of a GIF file, or of a JPEG or PNG file, which has one frame."""

    contents = Input(string)
    image = Output(uint8)
    example = dict(contents=_GIF, image=np.array([[[[255, 0, 0], [0, 0, 255]]]], np.uint8))

    def infer(node):
        with_rank(node.contents.shape.sizes, 0)
        return None, None, None, 3

    def kernel(contents):
        pixels = decoded(_bytes_of(contents), 3)
        return pixels if pixels.ndim == 4 else pixels[None]


class DecodeBmp(Op, refuses=True):
    """The pixels ``[rows, columns, channels]`` of a BMP file of 8, 24 or 32 bits a pixel."""

    channels = Attr(int, default=0)
    contents = Input(string)
    image = Output(uint8)
    example = dict(contents=_BMP, image=np.array([[[1, 2, 3]]], np.uint8))

    def infer(node):
        return None, None, _checked_channels(node)

    def kernel(contents, *, channels):
        if channels not in (0, 1, 3, 4):
            raise _invalid(f"channels must be 0, 1, 3 or 4, got {channels}")
        try:
            return gif_files.decode_bmp(_bytes_of(contents), channels)
        except ValueError as error:
            raise _invalid(str(error)) from None


class ExtractJpegShape(Op, refuses=True):
    """Rows, columns and channels of a JPEG file, whose pixels are not decoded."""

    output_type = TypeAttr(INDICES, default=int32)
    contents = Input(string)
    image_shape = Output(output_type)
    example = dict(contents=_JPEG, image_shape=[1, 2, 1])

    def infer(node):
        with_rank(node.contents.shape.sizes, 0)
        return (3,)

    def kernel(contents, *, output_type):
        contents = _bytes_of(contents)
        return np.array(_decode(jpeg_files.shape, f"Invalid JPEG data, size {len(contents)}", contents), output_type.np)


# ---------------------------------------------------------------- encoding


def _check_image(image):
    if image.ndim != 3:
        raise _invalid(f"image must be 3-dimensional{format_shape(image.shape)}")
    if image.size == 0 and image.shape[2]:
        raise _invalid(f"image must not be empty, its shape is {format_shape(image.shape)}")


def _check_jpeg(image, quality):
    _check_image(image)
    if image.shape[2] not in (1, 3):
        raise _invalid(f"image must have 1 or 3 channels, got {format_shape(image.shape)}")
    if not 0 <= quality <= 100:
        raise _invalid(f"quality must be in [0,100], got {quality}")


_PIXELS = np.array([[[0], [255]]], np.uint8)


class EncodePng(Op, refuses=True):
    """A PNG file with the pixels ``image``: gray, gray and opacity, colours, or colours and opacity."""

    compression = Attr(int, default=-1)
    T = TypeAttr({uint8, uint16}, default=uint8)
    image = Input(T)
    contents = Output(string)
    example = dict(image=_PIXELS)  # the bytes are the compressor's

    def infer(node):
        with_rank(node.image.shape.sizes, 3)
        return ()

    def kernel(image, *, compression):
        if not -1 <= compression <= 9:
            raise _invalid(f"compression should be in [-1,9], got {compression}")
        _check_image(image)
        if not 1 <= image.shape[2] <= 4:
            raise _invalid(f"image must have 1, 2, 3, or 4 channels, got {image.shape[2]}")
        return _text(png_files.encode(image, compression))


class EncodeJpeg(Op, refuses=True):
    """A JPEG file with the pixels ``image``: gray, or colours."""

    format = Attr(bytes, default=b"", allowed=(b"", b"grayscale", b"rgb"))
    quality = Attr(int, default=95)
    progressive = Attr(bool, default=False)
    optimize_size = Attr(bool, default=False)
    chroma_downsampling = Attr(bool, default=True)
    density_unit = Attr(bytes, default=b"in", allowed=(b"in", b"cm"))
    x_density = Attr(int, default=300)
    y_density = Attr(int, default=300)
    xmp_metadata = Attr(bytes, default=b"")
    image = Input(uint8)
    contents = Output(string)
    example = dict(image=_PIXELS)

    def infer(node):
        with_rank(node.image.shape.sizes, 3)
        return ()

    def kernel(image, *, format, quality, progressive, optimize_size, chroma_downsampling, density_unit, x_density, y_density,
               xmp_metadata):
        _check_jpeg(image, quality)
        wanted = {b"": image.shape[2], b"grayscale": 1, b"rgb": 3}[format]
        if image.shape[2] != wanted:
            raise _invalid(f"format {format.decode()} expects {wanted} channels, got {format_shape(image.shape)}")
        density = 1 if density_unit == b"in" else 2, x_density, y_density
        return _text(jpeg_files.encode(image, quality, progressive, optimize_size, chroma_downsampling, density, xmp_metadata))


class EncodeJpegVariableQuality(Op, refuses=True):
    """A JPEG file with the pixels ``images``, one image; of a ``quality`` that is a tensor."""

    images = Input(uint8)
    quality = Input(int32)
    contents = Output(string)
    example = dict(images=_PIXELS, quality=90)

    def infer(node):
        with_rank(node.images.shape.sizes, 3)
        return ()

    def kernel(images, quality):
        if np.ndim(quality):
            raise _invalid(f"quality must be scalar: {format_shape(quality.shape)}")
        _check_jpeg(images, int(quality))
        return _text(jpeg_files.encode(images, int(quality)))


# ---------------------------------------------------------------- functions


def _given(**attrs):
    """What is not None: None asks for the default."""
    return {name: value for name, value in attrs.items() if value is not None}


def decode_png(contents, channels=0, dtype=uint8, name=None):
    """The pixels ``[rows, columns, channels]`` of a PNG file, or of a JPEG or unmoving GIF file.

    Args:
      contents: the bytes of the file, a scalar.
      channels: 1, 3 or 4; the file's own if 0.
      dtype: uint8, or uint16 for files of 16 bits.
    """
    return DecodePng.build(contents, name=name, **_given(channels=channels, dtype=dtype))


def decode_jpeg(contents, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False, acceptable_fraction=1, dct_method="",
                name=None):
    """The pixels ``[rows, columns, channels]`` of a JPEG file, or of a PNG or unmoving GIF file; the same as TF's to the bit.

    Args:
      contents: the bytes of the file, a scalar.
      channels: 1 or 3; the file's own if 0.
      ratio: 1, 2, 4 or 8: how many times smaller to make the image.
      fancy_upscaling: whether colours of which the file has fewer than pixels are made smooth.
      try_recover_truncated: take what is missing from a file for gray.
      acceptable_fraction: of no effect here.
      dct_method: "INTEGER_FAST", which "" stands for, or "INTEGER_ACCURATE".

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.decode_jpeg(tf.image.encode_jpeg(np.full((2, 3, 1), 200, np.uint8))))[:, :, 0]
    array([[200, 200, 200],
           [200, 200, 200]], dtype=uint8)
    """
    settings = _given(channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling, try_recover_truncated=try_recover_truncated,
                      acceptable_fraction=acceptable_fraction, dct_method=dct_method)
    return DecodeJpeg.build(contents, name=name, **settings)


def decode_and_crop_jpeg(contents, crop_window, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False,
                         acceptable_fraction=1, dct_method="", name=None):
    """`decode_jpeg` of a part of the image: ``crop_window``, ``[row, column, rows, columns]``."""
    settings = _given(channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling, try_recover_truncated=try_recover_truncated,
                      acceptable_fraction=acceptable_fraction, dct_method=dct_method)
    return DecodeAndCropJpeg.build(contents, crop_window, name=name, **settings)


def encode_jpeg(image, format="", quality=95, progressive=False, optimize_size=False, chroma_downsampling=True, density_unit="in",
                x_density=300, y_density=300, xmp_metadata="", name=None):
    """A JPEG file with the pixels ``image``, ``[rows, columns, 1 or 3]`` of uint8; the same as TF's to the byte.

    Args:
      format: "grayscale" or "rgb" to insist on one.
      quality: 0 to 100.
      progressive: write the whole image coarsely first.
      optimize_size: look for a shorter coding.
      chroma_downsampling: write fewer colours than pixels.
      density_unit, x_density, y_density: "in" or "cm", and how many pixels there are in one.
      xmp_metadata: text that is written into the file.
    """
    settings = _given(format=format, quality=quality, progressive=progressive, optimize_size=optimize_size,
                      chroma_downsampling=chroma_downsampling, density_unit=density_unit, x_density=x_density, y_density=y_density,
                      xmp_metadata=xmp_metadata)
    return EncodeJpeg.build(image, name=name, **settings)


decode_gif = DecodeGif.function()
decode_bmp = DecodeBmp.function()
extract_jpeg_shape = ExtractJpegShape.function()
encode_png = EncodePng.function()

__all__ = ["decode_and_crop_jpeg", "decode_bmp", "decode_gif", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png",
           "extract_jpeg_shape"]
