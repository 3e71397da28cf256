"""Summary messages equal those of TF 1.15's kernels, byte for byte."""

import numpy as np
import pytest
from google.protobuf.message import EncodeError

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError
from graphcore.summaries.histogram import default_bucket_limits, histogram_proto
from graphcore.summaries.protos import histogram_summary, merge_summaries, scalar_summary, serialized
from tests.summaries import golden


def check(recorded, function):
    """The function gives the recorded bytes, or raises the recorded error."""
    if "hex" in recorded:
        assert bytes.fromhex(recorded["hex"]).hex() == function().hex()
        return
    with pytest.raises(InvalidArgumentError) as caught:
        function()
    assert str(caught.value).startswith(recorded["message"])


def tag_of(recorded):
    """A recorded tag as a kernel gets it: UTF-8 bytes, or an array of such."""
    if recorded["shape"]:
        return golden.array(recorded)
    return recorded["values"][0].encode()


@pytest.mark.parametrize("answer", golden.answers("scalars"))
def test_scalar_is_tfs(answer):
    check(answer["result"], lambda: scalar_summary(tag_of(answer["tags"]), golden.array(answer["values"])))


@pytest.mark.parametrize("answer", golden.answers("histograms"))
def test_histogram_is_tfs(answer):
    check(answer["result"], lambda: histogram_summary(b"h", golden.array(answer["values"]), name="spread"))


@pytest.mark.parametrize("answer", golden.answers("merges"))
def test_merge_is_tfs(answer):
    check(answer["result"], lambda: merge_summaries([bytes.fromhex(each) for each in answer["inputs"]]))


def test_python_number_and_text_tag():
    assert proto.Summary.FromString(scalar_summary("loss", 2)).value[0].simple_value == 2.0


def test_tag_that_is_no_text():
    with pytest.raises(InvalidArgumentError, match="not UTF-8"):
        scalar_summary(b"\xff", 1.0)


def test_histogram_tag_is_scalar():
    with pytest.raises(InvalidArgumentError, match="tags must be scalar"):
        histogram_summary(np.array([b"a", b"b"], object), [1.0])


def test_merge_takes_arrays_of_summaries():
    parts = [scalar_summary("a", 1.0), scalar_summary("b", 2.0)]
    assert merge_summaries([np.array(parts, object)]) == b"".join(parts)


def test_limits_grow_by_a_tenth():
    limits = default_bucket_limits()
    np.testing.assert_allclose(limits[777:-1] / limits[776:-2], 1.1)


def test_buckets_hold_every_value_once():
    values = np.random.default_rng(3).normal(size=10_000)
    histogram = histogram_proto(values)
    for limit, count, below in zip(histogram.bucket_limit, histogram.bucket, np.cumsum(histogram.bucket), strict=True):
        assert below == np.count_nonzero(values < limit), (limit, count)


def test_largest_double_has_a_bucket():
    largest = np.finfo(np.float64).max
    assert sum(histogram_proto(np.array([largest, 1.0])).bucket) == 2


class TooLarge:
    """Stands for a Summary of 2 GB, which protobuf refuses to serialise."""

    value = [proto.Summary.Value(tag=tag) for tag in "abcd"]

    def SerializeToString(self):
        raise EncodeError("Failed to serialize proto")


def test_summary_that_no_message_can_hold_is_named():
    with pytest.raises(InvalidArgumentError, match="a summary of 'a', 'b', 'c' and others exceeds maximum protobuf size of 2GB"):
        serialized(TooLarge())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_sums_are_taken_one_after_the_other(dtype):
    values = np.random.default_rng(5).normal(scale=1e4, size=20_001).astype(dtype)
    total = squares = 0.0
    for value in values.tolist():
        total, squares = total + value, squares + float(value) * float(value)
    histogram = histogram_proto(values)
    assert (histogram.sum, histogram.sum_squares) == (total, squares)
