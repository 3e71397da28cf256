"""Image files of any kind: which one it is, and its pixels."""

from graphcore.core.dtypes import uint8, uint16
from graphcore.core.scopes import get_default_graph, name_scope
from graphcore.ops import checks, comparison, control_flow, gathering, image_codecs, strings
from graphcore.ops.image_colours import convert_image_dtype


def is_jpeg(contents, name=None):
    """Whether the bytes ``contents`` begin like a JPEG file."""
    with name_scope(name, "is_jpeg"):
        return comparison.equal(strings.substr(contents, 0, 3), b"\xff\xd8\xff", name=name)


def _is_png(contents, name=None):
    with name_scope(name, "is_png"):
        return comparison.equal(strings.substr(contents, 0, 3), b"\211PN", name=name)


def _allowed(channels, refused, name, message):
    """An assertion that ``channels`` is none of ``refused``."""
    known = [comparison.not_equal(channels, each, name=name) for each in refused]
    good = known[0] if len(known) == 1 else comparison.logical_and(*known)
    return checks.Assert(good, [message])


def decode_image(contents, channels=None, dtype=uint8, name=None, expand_animations=True):
    """The pixels of a PNG, JPEG, GIF or BMP file: ``[rows, columns, channels]``, of a GIF ``[frames, rows, columns, 3]``.

    Args:
      contents: the bytes of the file, a scalar.
      channels: 1, 3 or 4; the file's own if None or 0.
      dtype: the number type; pixels go from 0 to 1 in floats, to the largest number in integers.
      expand_animations: False for the first frame of a GIF alone.

    Raises:
      ValueError: other ``channels``.
      tf.errors.InvalidArgumentError: when it runs, for what is no such file, and for channels that it cannot have.
    """
    with name_scope(name, "decode_image"):
        if channels not in (None, 0, 1, 3, 4):
            raise ValueError("channels must be in (None, 0, 1, 3, 4)")
        start = strings.substr(contents, 0, 3)
        channels = channels or 0

        def bmp():
            return _bmp(contents, channels, dtype)

        def gif():
            return _gif(contents, channels, dtype, expand_animations)

        def gif_or_bmp():
            return control_flow.cond(comparison.equal(start, b"GIF", name="is_gif"), gif, bmp, name="cond_gif")

        def png():
            wide = uint8 if dtype == uint8 else uint16
            return convert_image_dtype(image_codecs.DecodePng.build(contents, channels=channels, dtype=wide), dtype)

        def other():
            return control_flow.cond(_is_png(contents), png, gif_or_bmp, name="cond_png")

        return control_flow.cond(is_jpeg(contents), lambda: _jpeg(contents, channels, dtype), other, name="cond_jpeg")


def _jpeg(contents, channels, dtype):
    good = _allowed(channels, [4], "check_jpeg_channels", "Channels must be in (None, 0, 1, 3) when decoding JPEG images")
    with get_default_graph().control_dependencies([good]):
        return convert_image_dtype(image_codecs.DecodeJpeg.build(contents, channels=channels), dtype)


def _gif(contents, channels, dtype, expand_animations):
    good = _allowed(channels, [1, 4], "check_gif_channels", "Channels must be in (None, 0, 3) when decoding GIF images")
    with get_default_graph().control_dependencies([good]):
        frames = convert_image_dtype(image_codecs.DecodeGif.build(contents), dtype)
        return frames if expand_animations else gathering.gather(frames, 0)


def _bmp(contents, channels, dtype):
    is_bmp = comparison.equal(strings.substr(contents, 0, 2), "BM", name="is_bmp")
    known = checks.Assert(is_bmp, ["Unable to decode bytes as JPEG, PNG, GIF, or BMP"])
    good = _allowed(channels, [1], "check_channels", "Channels must be in (None, 0, 3) when decoding BMP images")
    with get_default_graph().control_dependencies([known, good]):
        return convert_image_dtype(image_codecs.DecodeBmp.build(contents), dtype)


__all__ = ["decode_image", "is_jpeg"]
