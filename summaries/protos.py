"""Serialised `Summary` messages: what the ops ScalarSummary, HistogramSummary and MergeSummary compute, and tags."""

import numpy as np

from graphcore import proto
from graphcore.core.errors import InvalidArgumentError
from graphcore.summaries.histogram import histogram_proto

_MOST_NAMED = 3


def scalar_summary(tags, values):
    """Return the summary of a number under a tag, or of equally many numbers and tags, as bytes."""
    summary = proto.Summary()
    # Nearly all are one number under one tag, either of which may come as an array of no dimension.
    if getattr(tags, "ndim", 0) == getattr(values, "ndim", 0) == 0 and not isinstance(tags, list) and not isinstance(values, list):
        value = summary.value.add()
        value.tag, value.simple_value = _text(tags.item() if isinstance(tags, np.ndarray) else tags), float(values)
        return summary.SerializeToString()
    tags, values = np.asarray(tags, object), np.asarray(values)
    if tags.shape != values.shape:
        raise _shapes_differ(tags, values)
    for tag, value in zip(tags.ravel(), values.ravel(), strict=True):
        summary.value.add(tag=_text(tag), simple_value=float(value))
    return summary.SerializeToString()


def histogram_summary(tag, values, name="HistogramSummary"):
    """Return the summary of an array's distribution under `tag`, as bytes; `name` is the op's, for its errors."""
    tag = scalar_tag(tag, "tags must be scalar", name)
    summary = proto.Summary()
    summary.value.add(tag=tag, histo=histogram_proto(values, name))
    return summary.SerializeToString()


def merge_summaries(summaries):
    """Return one summary, as bytes, with the values of all `summaries`; a tag may appear only once."""
    from google.protobuf.message import DecodeError

    merged = proto.Summary()
    try:
        for summary in summaries:
            # An input may also be an array of summaries.
            for part in (summary,) if isinstance(summary, bytes) else np.ravel(summary):
                merged.MergeFromString(part)
    except DecodeError as error:
        raise InvalidArgumentError(None, None, f"Could not parse one of the summary inputs: {error}") from error
    seen = set()
    for value in merged.value:
        if value.tag in seen:
            raise InvalidArgumentError(None, None, f"Duplicate tag {value.tag} found in summary inputs")
        # Any number of values may come without a tag.
        if value.tag:
            seen.add(value.tag)
    return serialized(merged)


def serialized(summary):
    """Return the bytes of a summary; one of 2 GB or more, which no message can have, is InvalidArgumentError with its tags."""
    from google.protobuf.message import EncodeError

    try:
        return summary.SerializeToString()
    except EncodeError as error:
        raise InvalidArgumentError(None, None, f"{described(summary)} exceeds maximum protobuf size of 2GB") from error


def described(summary):
    """Return what a summary is of, for errors: its first tags."""
    tags = [value.tag for value in summary.value]
    return f"a summary of {', '.join(map(repr, tags[:_MOST_NAMED]))}{' and others' * (len(tags) > _MOST_NAMED)}"


def scalar_tag(tag, phrase, name):
    """Return the one tag that the summary op `name` takes, as text; `phrase` begins the error for several."""
    if np.ndim(tag):
        raise InvalidArgumentError(None, None, f"{phrase}: {name} got a tag of shape {list(np.shape(tag))}")
    return _text(tag if isinstance(tag, (bytes, str)) else np.asarray(tag, object).item())


def tags_of(tag, kind, count, most):
    """Return the tags of `count` images or sounds of one summary: numbered unless there is never more than one."""
    return [f"{tag}/{kind}"] * count if most == 1 else [f"{tag}/{kind}/{number}" for number in range(count)]


def _text(tag):
    """Return a tag as the text that protobuf wants."""
    if isinstance(tag, str):
        return tag
    try:
        return tag.decode()
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(None, None, f"tag {tag!r} is not UTF-8, and so cannot be a summary's") from error


def _shapes_differ(tags, values):
    """Return the error for tags and values of different shapes, naming the tag if there is one."""
    single = f" (tag '{_text(tags.ravel()[0])}')" if tags.size == 1 else ""
    shapes = " != ".join("[" + ",".join(map(str, each.shape)) + "]" for each in (tags, values))
    return InvalidArgumentError(None, None, f"tags and values not the same shape: {shapes}{single}")
