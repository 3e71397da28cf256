"""Hashes of strings with TF's own numbers: FarmHash's Fingerprint64, keyed SipHash-2-4, and the older 64-bit hash.

Strings of one length are hashed together: as rows of a matrix of bytes, in arithmetic on uint64 arrays, which wraps.
"""

import numpy as np

_U64 = np.uint64
_K0, _K1, _K2 = _U64(0xC3A5C85C97CB3127), _U64(0xB492B66FBE98F273), _U64(0x9AE16A3B2F90404F)
_OLD_MULTIPLIER = 0xC6A4A7935BD1E995
_OLD_SEED = 0xDECAFCAFFE
_SIP = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def fingerprints(strings):
    """FarmHash Fingerprint64 of each string, a uint64 vector."""
    return _by_length(strings, _fingerprint)


def keyed(strings, key):
    """SipHash-2-4 of each string under a key of two 64-bit integers, a uint64 vector."""
    first, second = (int(part) % 2**64 for part in key)
    return _by_length(strings, lambda rows: _sip(rows, first, second))


def older(strings):
    """The hash of ``tf.string_to_hash_bucket`` of each string, a uint64 vector."""
    return _by_length(strings, _older)


def buckets(hashes, count):
    """``hashes`` modulo ``count`` as int64."""
    return (hashes % _U64(count)).astype(np.int64)


def _by_length(strings, function):
    """``function`` of the matrix of the bytes of all strings of one length, for each length."""
    lengths = np.array([len(text) for text in strings], np.int64)
    result = np.empty(len(strings), _U64)
    for length in np.unique(lengths):
        places = np.flatnonzero(lengths == length)
        joined = b"".join([strings[place] for place in places])
        rows = np.frombuffer(joined, np.uint8).reshape(len(places), length)
        with np.errstate(over="ignore"):
            result[places] = function(rows)
    return result


# ---------------------------------------------------------------- words


def _word(rows, place, size=8):
    """The little-endian integer of ``size`` bytes at ``place`` in each row."""
    part = np.ascontiguousarray(rows[:, place:place + size])
    return part.view(f"<u{size}")[:, 0].astype(_U64)


def _rest(rows, place):
    """The little-endian integer of the fewer than 8 bytes from ``place`` on."""
    padded = np.zeros((len(rows), 8), np.uint8)
    padded[:, :rows.shape[1] - place] = rows[:, place:]
    return padded.view("<u8")[:, 0].astype(_U64)


def _right(x, bits):
    """Each word rotated to the right."""
    return (x >> _U64(bits)) | (x << _U64(64 - bits))


def _shift_mix(x):
    return x ^ (x >> _U64(47))


# ---------------------------------------------------------------- FarmHash


def _fingerprint(rows):
    length = rows.shape[1]
    if length <= 16:
        return _up_to_16(rows, length)
    if length <= 32:
        return _up_to_32(rows, length)
    return _up_to_64(rows, length) if length <= 64 else _long(rows, length)


def _mixed(u, v, multiplier):
    """Two words mixed into one."""
    a = _shift_mix((u ^ v) * multiplier)
    return _shift_mix((v ^ a) * multiplier) * multiplier


def _up_to_16(rows, length):
    multiplier = _K2 + _U64(2 * length)
    if length >= 8:
        a, b = _word(rows, 0) + _K2, _word(rows, length - 8)
        return _mixed(_right(b, 37) * multiplier + a, (_right(a, 25) + b) * multiplier, multiplier)
    if length >= 4:
        return _mixed(_U64(length) + (_word(rows, 0, 4) << _U64(3)), _word(rows, length - 4, 4), multiplier)
    if length == 0:
        return np.full(len(rows), _K2)
    first, middle, last = (rows[:, place].astype(_U64) for place in (0, length >> 1, length - 1))
    return _shift_mix((first + (middle << _U64(8))) * _K2 ^ (_U64(length) + (last << _U64(2))) * _K0) * _K2


def _up_to_32(rows, length):
    multiplier = _K2 + _U64(2 * length)
    a, b = _word(rows, 0) * _K1, _word(rows, 8)
    c, d = _word(rows, length - 8) * multiplier, _word(rows, length - 16) * _K2
    return _mixed(_right(a + b, 43) + _right(c, 30) + d, a + _right(b + _K2, 18) + c, multiplier)


def _up_to_64(rows, length):
    multiplier = _K2 + _U64(2 * length)
    a, b = _word(rows, 0) * _K2, _word(rows, 8)
    c, d = _word(rows, length - 8) * multiplier, _word(rows, length - 16) * _K2
    y = _right(a + b, 43) + _right(c, 30) + d
    z = _mixed(y, a + _right(b + _K2, 18) + c, multiplier)
    e, f = _word(rows, 16) * multiplier, _word(rows, 24)
    g, h = (y + _word(rows, length - 32)) * multiplier, (z + _word(rows, length - 24)) * multiplier
    return _mixed(_right(e + f, 43) + _right(g, 30) + h, e + _right(f + a, 18) + g, multiplier)


def _weak_pair(rows, place, a, b):
    """32 bytes and two seeds as two words."""
    w, x, y, z = (_word(rows, place + 8 * number) for number in range(4))
    a = a + w
    b = _right(b + a + z, 21)
    total = a + x + y
    return total + z, b + _right(total, 44) + a


def _long(rows, length):
    """More than 64 bytes: 64 at a time, the last 64 once more with another multiplier."""
    seed = _U64(81)
    x = np.full(len(rows), seed * _K2) + _word(rows, 0)
    y = np.full(len(rows), seed * _K1 + _U64(113))
    z = _shift_mix(y * _K2 + _U64(113)) * _K2
    v = w = (np.zeros(len(rows), _U64),) * 2
    for place in range(0, (length - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(rows, place, x, y, z, v, w, _K1, _U64(1))
    rest = _U64((length - 1) & 63)
    multiplier = _K1 + ((z & _U64(0xFF)) << _U64(1))
    w = (w[0] + rest, w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _block(rows, length - 64, x, y, z, v, w, multiplier, _U64(9))
    return _mixed(_mixed(v[0], w[0], multiplier) + _shift_mix(y) * _K0 + z, _mixed(v[1], w[1], multiplier) + x, multiplier)


def _block(rows, place, x, y, z, v, w, multiplier, times):
    """The state after 64 more bytes."""
    x = _right(x + y + v[0] + _word(rows, place + 8), 37) * multiplier
    y = _right(y + v[1] + _word(rows, place + 48), 42) * multiplier
    x = x ^ (w[1] * times)
    y = y + v[0] * times + _word(rows, place + 40)
    z = _right(z + w[0], 33) * multiplier
    v = _weak_pair(rows, place, v[1] * multiplier, x + w[0])
    w = _weak_pair(rows, place + 32, z + w[1], y + _word(rows, place + 16))
    return z, y, x, v, w


# ---------------------------------------------------------------- SipHash


def _sip(rows, first, second):
    length = rows.shape[1]
    whole = length // 8 * 8
    state = [np.full(len(rows), constant ^ part, _U64) for constant, part in zip(_SIP, (first, second, first, second))]
    words = [_word(rows, place) for place in range(0, whole, 8)]
    words.append(_rest(rows, whole) | _U64((length & 0xFF) << 56))
    for word in words:
        state[3] = state[3] ^ word
        state = _sip_rounds(state, 2)
        state[0] = state[0] ^ word
    state[2] = state[2] ^ _U64(0xFF)
    a, b, c, d = _sip_rounds(state, 4)
    return a ^ b ^ c ^ d


def _sip_rounds(state, count):
    a, b, c, d = state
    for _ in range(count):
        a, c = a + b, c + d
        b, d = _right(b, 51) ^ a, _right(d, 48) ^ c
        a = _right(a, 32)
        c, a = c + b, a + d
        b, d = _right(b, 47) ^ c, _right(d, 43) ^ a
        c = _right(c, 32)
    return [a, b, c, d]


# ---------------------------------------------------------------- the older hash


def _older(rows):
    length = rows.shape[1]
    multiplier, whole = _U64(_OLD_MULTIPLIER), length // 8 * 8
    result = np.full(len(rows), _OLD_SEED ^ length * _OLD_MULTIPLIER % 2**64, _U64)
    for place in range(0, whole, 8):
        result = (result ^ _shift_mix(_word(rows, place) * multiplier) * multiplier) * multiplier
    if whole < length:
        result = (result ^ _rest(rows, whole)) * multiplier
    return _shift_mix(_shift_mix(result) * multiplier)
