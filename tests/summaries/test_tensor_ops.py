"""Summaries of whole tensors and of text. TF's own bytes are in tests/oracle."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.interop.tensors import make_ndarray
from graphcore.summaries.tensor_ops import TensorSummaryV2


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.array([b"a", b"\xff"], object), np.array(True),
                                   np.array([1 + 2j], np.complex64), np.zeros((0, 3), np.float16)], ids=lambda array: str(array.dtype))
def test_the_tensor_comes_back(array):
    with tf.Session() as session:
        value, = tf.Summary.FromString(session.run(tf.summary.tensor_summary("whole", tf.constant(array)))).value
    found = make_ndarray(value.tensor)
    assert (found.dtype, found.shape, found.tolist()) == (array.dtype, array.shape, array.tolist())


def test_metadata_of_the_caller_stays_as_it_is():
    metadata = tf.SummaryMetadata(display_name="mine")
    tf.summary.tensor_summary("a", [1], "a description", summary_metadata=metadata, display_name="theirs")
    assert metadata == tf.SummaryMetadata(display_name="mine")


@pytest.mark.parametrize(("tag", "metadata", "text"), [
    (["a", "b"], b"", r"tag must be scalar: whole got a tag of shape \[2\]"),
    ("a", [b"", b""], r"serialized_summary_metadata must be scalar: whole got shape \[2\]"),
    ("a", b"\xff\xff", "serialized_summary_metadata is no SummaryMetadata")])
def test_refused(tag, metadata, text):
    summary = TensorSummaryV2.build(tag, 1, metadata, name="whole")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(summary)


def test_text_says_what_to_do_for_a_string():
    with pytest.raises(AttributeError, match=r"tf\.constant\('word'\)"):
        tf.summary.text("a", "word")


def test_names_of_tensorflow_2_say_that_they_are_not_built():
    assert not hasattr(tf.summary, "create_file_writer")
    with pytest.raises(AttributeError, match="no attribute 'create_file_writer': it is TensorFlow 2's, and not built; tf.summary"):
        print(tf.summary.create_file_writer)
    with pytest.raises(AttributeError, match="no attribute 'scaler'$"):
        print(tf.summary.scaler)
