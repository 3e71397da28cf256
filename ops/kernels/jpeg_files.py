"""JPEG files: pixels from one, and one from pixels.

Pillow reads and writes them.  TF asks libjpeg for its quick transform, which Pillow offers only together with
repeated instead of interpolated colours: these are interpolated here, as libjpeg does it.
"""

import io
import struct

import numpy as np

_FIXED, _HALF = 1 << 16, 1 << 15
_FULL, _BY_COLUMNS, _BY_BLOCKS = ((1, 1),) * 3, ((2, 1), (1, 1), (1, 1)), ((2, 2), (1, 1), (1, 1))


def decode(contents, channels=0, ratio=1, interpolated=True, recover=False, quick=True, crop=None):
    """Pixels ``[rows, columns, channels]`` of a file; its own channels (but 3 in place of 4) if 0.  ValueError if that fails.

    ``ratio`` 2, 4 or 8 is how many times smaller the image shall be, ``interpolated`` says that colours of which the file
    has fewer than pixels shall be smooth, ``recover`` that missing data is taken for gray,
    ``crop`` the first row and column wanted, and how many, if it is but a part.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(contents + b"\xff\xd9" if recover else contents), formats=["JPEG"]) as image:
            return _part(image, crop, channels, ratio, interpolated, quick)
    except (OSError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None


def shape(contents):
    """Rows, columns and channels of a file.  ValueError if it is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(contents), formats=["JPEG"]) as image:
            return image.height, image.width, image.layers
    except (OSError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None


def _part(image, crop, channels, ratio, interpolated, quick):
    rows, columns = [-(-size // ratio) for size in (image.height, image.width)]
    if crop is None:
        return _pixels(image, channels, ratio, interpolated, quick, (0, columns))
    top, left, height, width = crop
    if min(top, left) < 0 or min(height, width) <= 0 or top + height > rows or left + width > columns:
        raise ValueError(f"the crop window {list(crop)} is not within {rows} rows and {columns} columns")
    # Colours are made smooth within the blocks that the window touches, up to its right edge.
    block = max(layer[1] for layer in image.layer) * 8 // ratio
    start = left // block * block
    pixels = _pixels(image, channels, ratio, interpolated, quick, (start, left + width))
    left -= start if pixels.shape[1] == width + left - start else 0
    return pixels[top:top + height, left:left + width].copy()


def _pixels(image, channels, ratio, interpolated, quick, columns):
    if image.layers == 4:
        if channels == 1:
            raise ValueError("four colours of ink are not made gray")
        return _of_inks(image, ratio, quick)
    factors = tuple(layer[1:3] for layer in image.layer)
    if channels == 1 or image.layers == 1:
        gray = _read(image, "L" if image.mode != "L" else None, ratio, quick)[:, :, None]
        return np.repeat(gray, 3, axis=2) if channels == 3 else gray
    if not quick:
        # With the slow transform Pillow interpolates; without interpolation there is nothing to be had but the quick one.
        return _read(image, None, ratio, not interpolated and factors != _FULL)
    # Of a smaller image the colours are as fine as the rest, if they can be had by a smaller transform in both directions.
    repeated = factors == _BY_BLOCKS and ratio == 1 or factors == _BY_COLUMNS and ratio < 8
    if not interpolated or not repeated:
        return _read(image, None, ratio, True)
    return _smooth(_read(image, "YCbCr", ratio, True)[:, slice(*columns)], factors == _BY_BLOCKS)


def _read(image, mode, ratio, quick):
    """An array of the image, in ``mode`` if that is not None."""
    if mode is not None:
        image.draft(mode, None)
    if ratio > 1:
        width, height = [-(-size // ratio) for size in image.size]
        image.tile = [tile._replace(extents=(0, 0, width, height)) for tile in image.tile]
        image._size = width, height
    image.decoderconfig = ratio, int(quick)
    image.load()
    return np.array(image)


def _of_inks(image, ratio, quick):
    """Red, green and blue of cyan, magenta, yellow and black."""
    inverted = 255 - _read(image, None, ratio, quick).astype(np.int32)  # Pillow turns around what Adobe wrote turned around
    return (inverted[:, :, :3] * inverted[:, :, 3:] // 255).astype(np.uint8)


def _smooth(pixels, blocks):
    """Red, green and blue of brightness and colours, which are repeated and made smooth first."""
    brightness = pixels[:, :, 0].astype(np.int32)
    colours = pixels[:: 2 if blocks else 1, ::2, 1:].astype(np.int32)
    if colours.shape[1] > 2:
        colours = _blocks_between(colours) if blocks else _columns_between(colours)
        pixels = colours[:brightness.shape[0], :brightness.shape[1]]
    else:
        pixels = pixels[:, :, 1:].astype(np.int32)
    return _rgb(brightness, pixels[:, :, 0], pixels[:, :, 1])


def _columns_between(values):
    """Two columns for each: a quarter of the neighbour's value, three of its own."""
    result = np.empty((values.shape[0], 2 * values.shape[1], values.shape[2]), np.int32)
    before, after = _neighbours(values, 1)
    result[:, ::2] = (3 * values + before + 1) >> 2
    result[:, 1::2] = (3 * values + after + 2) >> 2
    return result


def _blocks_between(values):
    """Two rows and two columns for each, likewise in both directions."""
    above, below = _neighbours(values, 0)
    result = np.empty((2 * values.shape[0], 2 * values.shape[1], values.shape[2]), np.int32)
    for number, other in enumerate((above, below)):
        sums = 3 * values + other
        before, after = _neighbours(sums, 1)
        result[number::2, ::2] = (3 * sums + before + 8) >> 4
        result[number::2, 1::2] = (3 * sums + after + 7) >> 4
    return result


def _neighbours(values, axis):
    """What is before and what is after; at the edges the values themselves."""
    count = values.shape[axis]
    places = np.arange(count)
    return values.take(np.maximum(places - 1, 0), axis), values.take(np.minimum(places + 1, count - 1), axis)


def _rgb(brightness, blue, red):
    blue, red = blue - 128, red - 128

    def share(factor, values):
        return int(factor * _FIXED + 0.5) * values

    channels = (brightness + ((share(1.402, red) + _HALF) >> 16),
                brightness + ((-share(0.34414, blue) - share(0.71414, red) + _HALF) >> 16),
                brightness + ((share(1.772, blue) + _HALF) >> 16))
    return np.clip(np.stack(channels, axis=-1), 0, 255).astype(np.uint8)


# ---------------------------------------------------------------- writing


def encode(pixels, quality=95, progressive=False, optimize=False, fewer_colours=True, density=(1, 300, 300), xmp=b""):
    """A file with these pixels ``[rows, columns, 1 or 3]``.

    ``density`` is its unit (1 inches, 2 centimetres), and how many pixels there are in one, across and down.
    """
    from PIL import Image

    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    file = io.BytesIO()
    fewer = 2 if fewer_colours and pixels.shape[2] == 3 else 0
    # A quality of 0 is one of 1.
    image.save(file, "JPEG", quality=max(1, quality), progressive=progressive, optimize=optimize, subsampling=fewer)
    contents = file.getvalue()
    unit, across, down = density
    head = contents[:13] + struct.pack(">BHH", unit, across & 0xFFFF, down & 0xFFFF) + contents[18:20]
    return head + _xmp(xmp) + contents[20:]


def _xmp(text):
    if not text:
        return b""
    text = b"http://ns.adobe.com/xap/1.0/\0" + text
    return b"\xff\xe1" + struct.pack(">H", len(text) + 2) + text
