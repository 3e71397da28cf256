"""The `HistogramProto` of an array, as TF makes it: 1550 buckets that grow by a tenth."""

import math
import sys

import numpy as np

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError
from graphcore.ops.kernels.tallies import default_bucket_limits, tally

_BUCKET_LIMIT, _BUCKET = 6, 7  # the numbers of fields
_COUNTED = {np.dtype(np.float32), np.dtype(np.float64)}


def histogram_proto(values, name="HistogramSummary"):
    """Return the `HistogramProto` of an array of real numbers, equal to TF's byte for byte.

    NaN and infinity are `InvalidArgumentError`, with `name`, the op's name, in the message.
    """
    values = np.asarray(values)
    if not values.size:
        # Nothing seen leaves minimum and maximum crossed over.
        largest = sys.float_info.max
        return proto.HistogramProto(min=largest, max=-largest, bucket_limit=[largest], bucket=[0.0])
    if values.dtype not in _COUNTED:
        values = values.astype(np.float64)  # which is what TF counts them as, int64 and bfloat16 too
    least, largest, counts, total, squares = tally(values)
    if not (math.isfinite(least) and math.isfinite(largest)):
        raise _not_finite(values.ravel(), name)
    # Adding 0.0 drops the sign of -0.0, which TF does not write.
    histogram = proto.HistogramProto(min=least + 0.0, max=largest + 0.0, num=values.size, sum=total + 0.0, sum_squares=squares)
    limits, counts = _without_empty_runs(default_bucket_limits(), counts)
    # As bytes: of hundreds of numbers that become Python's one by one protobuf would make bytes again.
    histogram.MergeFromString(_packed(_BUCKET_LIMIT, limits) + _packed(_BUCKET, counts))
    return histogram


def _not_finite(values, name):
    """Return the error for the first value that is NaN or infinite."""
    position = int(np.flatnonzero(~np.isfinite(values))[0])
    kind = "Nan" if np.isnan(values[position]) else "Infinity"
    return InvalidArgumentError(None, None, f"{kind} in summary histogram for: {name} (element {position} of "
                                            f"{values.size} is {values[position]})")


def _without_empty_runs(limits, counts):
    """Drop all but the last of each run of empty buckets."""
    filled = counts > 0
    keep = filled.copy()
    keep[:-1] |= filled[1:]
    keep[-1] = True
    return limits[keep], counts[keep]


def _packed(field, numbers):
    """Return a message's field of repeated doubles as protobuf writes it."""
    content = numbers.astype("<f8").tobytes()
    # The field and that what follows has a length; then the length, by seven bits.
    head, length = [field << 3 | 2], len(content)
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*head, length]) + content
