"""Arrays as TF prints them in assertions, `tf.Print` and `tf.print`."""

import numpy as np

_ESCAPES = {10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\"}


def summarize(value, entries):
    """The first ``entries`` elements (all if negative) in nested brackets, without the outermost ones.

    >>> summarize(np.array([[1, 2], [3, 4]]), 3)
    '[1 2][3...]...'
    """
    array = np.asarray(value)
    size = array.size
    limit = size if entries < 0 else min(entries, size)
    if array.ndim == 0 or array.dtype.kind in "cV":
        text = " ".join(element(v) for v in array.ravel()[:limit])
    else:
        text = _nested(array, limit, outermost=True)
    return text + ("..." if size > limit else "")


def _nested(array, limit, outermost=False):
    """The text of at most ``limit`` elements; a row cut short ends in dots."""
    if array.ndim == 1:
        text = " ".join(element(v) for v in array[:limit])
        return text + ("..." if len(array) > limit and not outermost else "")
    parts = []
    for part in array:
        if limit <= 0:
            break
        parts.append(f"[{_nested(part, limit)}]")
        limit -= part.size
    return "".join(parts)


def summarize_ends(value, entries):
    """Every axis with its first and last ``entries`` (all if negative) as NumPy lays out arrays; strings quoted.

    >>> summarize_ends(np.arange(10), 3)
    '[0 1 2 ... 7 8 9]'
    """
    array = np.asarray(value)
    return _with_ends(array, max(array.shape, default=0) if entries < 0 else entries, 0, array.ndim)


def _with_ends(array, ends, axis, axes):
    if axis == axes:
        value = array[()]
        return f'"{element(value)}"' if isinstance(value, bytes) else element(value)
    between = " " if axis == axes - 1 else "\n" * (axes - axis - 1) + " " * (axis + 1)
    count = len(array)
    parts = [_with_ends(array[i, ...], ends, axis + 1, axes) for i in range(min(ends, count))]
    if count > 2 * ends:
        parts.append("...")
    parts += [_with_ends(array[i, ...], ends, axis + 1, axes) for i in range(max(ends, count - ends), count)]
    return "[" + between.join(parts) + "]"


def element(value):
    """One element: the fewest of 6 or 9 digits (15 or 17 for float64) that give it back, True as 1, strings escaped."""
    if isinstance(value, bytes):
        return "".join(_ESCAPES.get(c) or (chr(c) if 32 <= c < 127 else f"\\{c:03o}") for c in value)
    value = np.asarray(value)[()]
    kind = value.dtype.kind
    if kind == "b":
        return "1" if value else "0"
    if kind in "iu":
        return str(int(value))
    if kind == "f":
        return _number(value)
    return "?"  # as TF prints complex numbers and bfloat16


def _number(value):
    number = float(value)
    if number != number:
        return "nan"
    few, many, kind = (15, 17, np.float64) if value.dtype == np.float64 else (6, 9, np.float32)
    text = f"{number:.{few}g}"
    return text if kind(text) == kind(number) else f"{number:.{many}g}"
