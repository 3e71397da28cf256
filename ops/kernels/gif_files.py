"""GIF and BMP files: pixels from one."""

import io
import struct

import numpy as np

_TRAILER, _IMAGE, _EXTENSION = 0x3B, 0x2C, 0x21
# Pillow reads the indices of colours; this table keeps it from taking them for shades of gray.
_TABLE = bytes(range(255, -1, -1)) * 3


class Reader:
    """The bytes of a file, one piece after the other."""

    def __init__(self, contents):
        self.contents, self.place = contents, 0

    def take(self, count):
        piece = self.contents[self.place:self.place + count]
        if len(piece) < count:
            raise ValueError("failed to slurp gif file: Failed to read from given file")
        self.place += count
        return piece

    def blocks(self):
        """Blocks up to the empty one, each with its length before it."""
        start = self.place
        while length := self.take(1)[0]:
            self.take(length)
        return self.contents[start:self.place]

    def table(self, flags):
        """The table of colours that these flags announce, or None."""
        if not flags & 0x80:
            return None
        return np.frombuffer(self.take(3 << ((flags & 7) + 1)), np.uint8).reshape(-1, 3)


def decode(contents):
    """Pixels ``[frames, rows, columns, 3]`` of a GIF file, each frame drawn over the one before.  ValueError if that fails."""
    reader = Reader(contents)
    width, height, flags = struct.unpack("<HHB", reader.take(13)[6:11])
    table = reader.table(flags)
    canvas = np.zeros((height, width, 3), np.uint8)
    frames = []
    while (kind := reader.take(1)[0]) != _TRAILER:
        if kind == _EXTENSION:
            reader.take(1)
            reader.blocks()
        elif kind == _IMAGE:
            canvas = _drawn(reader, canvas, table, len(frames))
            frames.append(canvas)
        else:
            raise ValueError("failed to slurp gif file: Wrong record type detected")
    if not frames:
        raise ValueError("failed to slurp gif file: No Image Descriptor detected")
    return np.stack(frames)


def _drawn(reader, canvas, table, number):
    """The next frame of ``reader`` drawn over ``canvas``."""
    left, top, width, height, flags = struct.unpack("<HHHHB", reader.take(9))
    own_table = reader.table(flags)
    colours = table if own_table is None else own_table
    data = reader.take(1) + reader.blocks()
    rows, columns = canvas.shape[:2]
    if number == 0 and (left, top, width, height) != (0, 0, columns, rows):
        raise ValueError("the first frame does not fill the canvas")
    if colours is None:
        raise ValueError(f"missing color map for frame {number}")
    indices = _indices(data, width, height, flags & 0x40)[:max(0, rows - top), :max(0, columns - left)]
    if indices.size and indices.max() >= len(colours):
        raise ValueError(f"found color index {indices.max()} outside of color map range {len(colours)}")
    result = canvas.copy()
    result[top:top + height, left:left + width] = colours[indices]
    return result


def _indices(data, width, height, interlaced):
    """The indices of a frame's colours, read from a file that has nothing else."""
    from PIL import Image

    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + _TABLE
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, interlaced) + data
    try:
        with Image.open(io.BytesIO(screen + frame + b";"), formats=["GIF"]) as image:
            image.load()
            return np.asarray(image)
    except (OSError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise ValueError("failed to slurp gif file: Failed to read from given file") from None


# ---------------------------------------------------------------- BMP


def decode_bmp(contents, channels):
    """Pixels ``[rows, columns, channels]`` of a BMP file, whose own channels there must be; ValueError in TF's words.

    Palettes are not looked up: a file of 8 bits a pixel is gray.
    """
    if len(contents) < 32:
        raise ValueError("Incomplete bmp content, requires at least 32 bytes to find the header size, width, height, and bpp, "
                         f"got {len(contents)} bytes")
    start, = struct.unpack("<i", contents[10:14])
    width, height = struct.unpack("<ii", contents[18:26])
    found = struct.unpack("<i", contents[28:32])[0] // 8
    if channels and channels != found:
        raise ValueError(f"channels attribute {channels} does not match bits per pixel from file {found}")
    if found not in (1, 3, 4):
        raise ValueError(f"Number of channels must be 1, 3 or 4, was {found}")
    _check_sizes(width, height)
    rows = abs(height)
    length = (found * width + 3) // 4 * 4
    # The last row may lack the bytes that fill it up.
    needed = start + length * (rows - 1) + found * width
    if not 0 <= start <= needed <= len(contents):
        raise ValueError(f"Incomplete bmp content, requires at least {needed} bytes, got {len(contents)} bytes")
    pixels = np.frombuffer(contents[start:needed].ljust(length * rows, b"\0"), np.uint8).reshape(rows, length)
    pixels = pixels[:: 1 if height < 0 else -1, :found * width].reshape(rows, width, found)
    return np.ascontiguousarray(pixels[:, :, [2, 1, 0, 3][:found]] if found > 1 else pixels)


def _check_sizes(width, height):
    if width <= 0:
        raise ValueError("Width must be positive")
    if height == 0:
        raise ValueError("Height must be nonzero")
    if width > 1 << 27 or abs(height) > 1 << 27 or width * abs(height) >= 1 << 30:
        raise ValueError("Total possible pixel bytes must be less than 2^30")
