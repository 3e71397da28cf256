"""PNG files: pixels from one, and one from pixels.

Files of up to 8 bits a sample are read by Pillow.  It knows no colours of 16 bits a sample: these are read here.
"""

import io
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, COLOUR, PALETTE, GRAY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
_SAMPLES = {GRAY: 1, COLOUR: 3, PALETTE: 1, GRAY_ALPHA: 2, COLOUR_ALPHA: 4}
# Of interlaced files: (first row, first column, row step, column step) of each of the seven smaller images.
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
# The shares of red, green and blue in one channel of gray, in 1/32768.  (libpng heeds a gamma chunk here; that is not done.)
_LUMA = np.array([9797, 19234, 3737], np.int64)


def decode(contents, channels, dtype):
    """Pixels ``[rows, columns, channels]`` of a file; its own channels if 0.  ValueError if it is no PNG file.

    ``dtype`` is uint8 or uint16.
    """
    header, chunks = _chunks(contents)
    width, height, bits, kind, _, _, interlaced = header
    if kind not in _SAMPLES or not width or not height:
        raise ValueError("not a PNG header")
    if bits == 16:
        samples = _sixteen_bits(chunks[b"IDAT"], width, height, _SAMPLES[kind], interlaced)
    else:
        samples = _eight_bits(contents, kind)
    samples, alpha = _with_alpha(samples, kind, bits, chunks)
    channels = channels or _SAMPLES[kind] if kind != PALETTE else channels or (4 if b"tRNS" in chunks else 3)
    if alpha is None:  # TF fills in the largest number that the file's bits can hold
        alpha = np.full((*samples.shape[:2], 1), 2 ** bits - 1, samples.dtype)
    return _arranged(samples, alpha, channels, np.dtype(dtype))


def _chunks(contents):
    """The header's fields, and the bytes of the kinds of chunks that matter."""
    chunks = {}
    place = len(SIGNATURE)
    while place + 8 <= len(contents):
        length, kind = struct.unpack(">I4s", contents[place:place + 8])
        if place + 12 + length > len(contents):
            raise ValueError("the file ends within a chunk")
        data = contents[place + 8:place + 8 + length]
        if kind[:1].isupper() and zlib.crc32(kind + data) != struct.unpack(">I", contents[place + 8 + length:place + 12 + length])[0]:
            raise ValueError("a chunk is damaged")
        chunks[kind] = chunks.get(kind, b"") + data
        place += 12 + length
    if len(chunks.get(b"IHDR", b"")) != 13 or b"IEND" not in chunks or b"IDAT" not in chunks:
        raise ValueError("a chunk is missing")
    return struct.unpack(">IIBBBBB", chunks[b"IHDR"]), chunks


def _eight_bits(contents, kind):
    """Samples of up to 8 bits; those of gray from 0 to 255, those of a palette as they are."""
    from PIL import Image

    mode = {GRAY: "L", COLOUR: "RGB", PALETTE: "P", GRAY_ALPHA: "LA", COLOUR_ALPHA: "RGBA"}[kind]
    try:
        with Image.open(io.BytesIO(contents), formats=["PNG"]) as image:
            image.load()
            pixels = np.asarray(image if image.mode == mode else image.convert(mode))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


# ---------------------------------------------------------------- sixteen bits


def _sixteen_bits(packed, width, height, samples, interlaced):
    raw = _inflated(packed)
    if not interlaced:
        return _unfiltered(raw, width, height, samples)[0]
    result = np.empty((height, width, samples), np.uint16)
    for row, column, down, across in _PASSES:
        part = result[row::down, column::across]
        if part.size:
            part[...], raw = _unfiltered(raw, part.shape[1], part.shape[0], samples)
    return result


def _inflated(packed):
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        raise ValueError(str(error)) from None


def _unfiltered(raw, width, height, samples):
    """The samples of an image, and the bytes after it."""
    step, length = samples * 2, width * samples * 2
    if len(raw) < (length + 1) * height:
        raise ValueError("too few samples")
    above = bytes(length)
    rows = []
    for number in range(height):
        start = number * (length + 1)
        above = _row(raw[start], raw[start + 1:start + 1 + length], above, step)
        rows.append(above)
    pixels = np.frombuffer(b"".join(rows), ">u2").reshape(height, width, samples)
    return pixels.astype(np.uint16), raw[height * (length + 1):]


def _row(way, row, above, step):
    """The bytes of a row, which were written as differences to their neighbours in one of five ways."""
    if way == 0:
        return row
    values = np.frombuffer(row, np.uint8)
    if way == 1:
        return np.add.accumulate(values.reshape(-1, step), axis=0, dtype=np.uint8).tobytes()
    if way == 2:
        return (values + np.frombuffer(above, np.uint8)).tobytes()
    if way not in (3, 4):
        raise ValueError(f"unknown filter {way}")
    result = bytearray(step) + bytearray(row)
    before = bytes(step) + above
    for place in range(step, len(result)):
        left, up = result[place - step], before[place]
        guess = (left + up) // 2 if way == 3 else _paeth(left, up, before[place - step])
        result[place] = (result[place] + guess) & 255
    return bytes(result[step:])


def _paeth(left, up, corner):
    """Of three neighbours the one nearest to ``left + up - corner``."""
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


# ---------------------------------------------------------------- channels


def _with_alpha(samples, kind, bits, chunks):
    """Gray or colours, and how opaque they are: None if the file does not say."""
    if kind == PALETTE:
        return _looked_up(samples[:, :, 0], chunks)
    if kind in (GRAY_ALPHA, COLOUR_ALPHA):
        return samples[:, :, :-1], samples[:, :, -1:]
    if b"tRNS" not in chunks:
        return samples, None
    clear = np.array(struct.unpack(f">{samples.shape[2]}H", chunks[b"tRNS"][:2 * samples.shape[2]]))
    if bits < 8:
        clear = clear * (255 // (2 ** bits - 1))
    opaque = (samples != clear).any(axis=2, keepdims=True)
    return samples, opaque * samples.dtype.type(np.iinfo(samples.dtype).max)


def _looked_up(indices, chunks):
    """Colours of a palette's indices."""
    palette = np.zeros((256, 3), np.uint8)
    entries = np.frombuffer(chunks.get(b"PLTE", b"")[:768], np.uint8).reshape(-1, 3)
    palette[:len(entries)] = entries
    if b"tRNS" not in chunks:
        return palette[indices], None
    opaque = np.full(256, 255, np.uint8)
    given = np.frombuffer(chunks[b"tRNS"][:256], np.uint8)
    opaque[:len(given)] = given
    return palette[indices], opaque[indices][:, :, None]


def _arranged(samples, alpha, channels, dtype):
    """Samples and opacity as this many channels of ``dtype``."""
    if channels < 3 and samples.shape[2] == 3:
        samples = _gray(samples)
    if channels >= 3 and samples.shape[2] == 1:
        samples = np.repeat(samples, 3, axis=2)
    samples = _of_type(samples, dtype)
    if channels in (1, 3):
        return np.ascontiguousarray(samples)
    return np.concatenate([samples, _of_type(alpha, dtype)], axis=2)


def _gray(samples):
    gray = samples.astype(np.int64) @ _LUMA
    gray += 16384 if samples.dtype == np.uint16 else 0
    return (gray >> 15).astype(samples.dtype)[:, :, None]


def _of_type(samples, dtype):
    if samples.dtype == dtype:
        return samples
    if dtype == np.uint8:
        return (samples >> 8).astype(np.uint8)
    return samples.astype(np.uint16) * np.uint16(257)


# ---------------------------------------------------------------- writing


def encode(pixels, compression):
    """A file with these pixels ``[rows, columns, channels]`` of uint8 or uint16; -1 is zlib's usual compression."""
    height, width, channels = pixels.shape
    kind = (GRAY, GRAY_ALPHA, COLOUR, COLOUR_ALPHA)[channels - 1]
    header = struct.pack(">IIBBBBB", width, height, pixels.itemsize * 8, kind, 0, 0, 0)
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).view(np.uint8).reshape(height, -1)
    data = _filtered(rows, channels * pixels.itemsize)
    packer = zlib.compressobj(compression, zlib.DEFLATED, _window_bits(len(data)), 8, zlib.Z_FILTERED)
    packed = _with_least_window(packer.compress(data) + packer.flush(), len(data))
    parts = [packed[start:start + 8192] for start in range(0, len(packed), 8192)]
    return b"".join([SIGNATURE, _chunk(b"IHDR", header), *[_chunk(b"IDAT", part) for part in parts], _chunk(b"IEND", b"")])


def _window_bits(length):
    """Little data needs no large window."""
    bits = 15
    while bits > 9 and length + 262 <= 1 << (bits - 1):
        bits -= 1
    return bits


def _with_least_window(packed, length):
    """The compressed data, whose head tells how large a window the reader needs: as little as the data is long."""
    window, flags = packed[0] >> 4, packed[1]
    while window and length <= 1 << (window + 7):
        window -= 1
    first = window << 4 | packed[0] & 15
    flags = flags & 0xE0
    return bytes([first, flags + 31 - (first * 256 + flags) % 31]) + packed[2:]


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _filtered(rows, step):
    """Each row as differences to its neighbours, in the way that leaves the least; the number of the way comes first."""
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    left, corner = [np.hstack([np.zeros_like(each[:, :step]), each[:, :-step]]) for each in (rows, above)]
    ways = {0: rows, 1: rows - left, 2: rows - above, 3: rows - _halfway(left, above), 4: rows - _nearest(left, above, corner)}
    if len(rows) == 1:
        ways = {0: ways[0], 1: ways[1]}
    elif rows.shape[1] == step:
        ways = {0: ways[0], 2: ways[2]}
    sums = [np.minimum(each, 0 - each).sum(axis=1, dtype=np.int64) for each in ways.values()]
    best = np.argmin(sums, axis=0)
    result = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    for number, (way, differences) in enumerate(ways.items()):
        chosen = best == number
        result[chosen, 0], result[chosen, 1:] = way, differences[chosen]
    return result.tobytes()


def _halfway(left, above):
    return ((left.astype(np.uint16) + above) >> 1).astype(np.uint8)


def _nearest(left, above, corner):
    """`_paeth` of arrays."""
    a, b, c = [each.astype(np.int16) for each in (left, above, corner)]
    to_left, to_up, to_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest = np.where((to_left <= to_up) & (to_left <= to_corner), a, np.where(to_up <= to_corner, b, c))
    return nearest.astype(np.uint8)
