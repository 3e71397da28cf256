"""Images in summaries: pixels, colours of what is no number, and what is refused. TF's own pixels are in tests/oracle."""

import io

import numpy as np
import pytest
from PIL import Image

import graphcore as tf
from graphcore.summaries.images import image_summary, pixels_of, png
from graphcore.summaries.media import ImageSummary

RED = np.array([255, 0, 0, 255], np.uint8)


def evaluated(summary):
    """The values of a summary op."""
    with tf.Session() as session:
        return tf.Summary.FromString(session.run(summary)).value


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_png_keeps_every_pixel(channels, mode):
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, channels), np.uint8)
    image = Image.open(io.BytesIO(png(pixels[::-1])))
    assert (image.format, image.mode, image.size) == ("PNG", mode, (7, 5))
    np.testing.assert_array_equal(np.array(image).reshape(pixels.shape), pixels[::-1])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rescaling_uses_the_whole_range(dtype):
    ramp = np.linspace(0, 3, 4, dtype=dtype).reshape(2, 2, 1)
    assert pixels_of(ramp, RED).ravel().tolist() == [0, 85, 170, 255]
    assert pixels_of(ramp - dtype(3), RED).ravel().tolist() == [1, 43, 85, 128]


def test_bad_color_is_for_the_whole_pixel():
    image = np.array([[[0.5, np.nan, 1.0], [1.0, 0.0, 0.5]]], np.float32)
    assert pixels_of(image, np.array([9, 8, 7, 6], np.uint8)).tolist() == [[[9, 8, 7], [255, 0, 127]]]


def test_pixels_do_not_change_the_image():
    image = np.array([[[np.inf], [1.0]]])
    pixels_of(image, RED)
    assert image.ravel().tolist() == [np.inf, 1.0]


def test_one_tag_has_no_number():
    images = np.zeros((4, 1, 1, 1), np.uint8)
    tags = [[value.tag for value in tf.Summary.FromString(image_summary(b"a", images, most, RED)).value] for most in (1, 3)]
    assert tags == [["a/image"], ["a/image/0", "a/image/1", "a/image/2"]]


def test_bad_color_in_a_graph_def():
    summary = ImageSummary.build("a", tf.constant([[[[np.nan], [1.0]]]]), bad_color=np.array([40], np.uint8))
    definition = tf.get_default_graph().as_graph_def()
    for again in (summary, None):
        if again is None:
            again, = tf.import_graph_def(definition, return_elements=[summary.name], name="copy")
        value, = evaluated(again)
        assert np.array(Image.open(io.BytesIO(value.image.encoded_image_string))).tolist() == [[40, 255]]


@pytest.mark.parametrize(("bad_color", "dtype", "text"), [
    (np.zeros(3, np.uint8), tf.float32, "expected depth <= bad_color.size, got depth = 4, bad_color.size = 3"),
    (np.zeros(4, np.float32), tf.uint8, "bad_color must be uint8, got float"),
    (np.zeros((1, 4), np.uint8), tf.uint8, r"bad_color must be a vector, got shape \[1,4\]")])
def test_bad_color_that_does_not_fit(bad_color, dtype, text):
    summary = ImageSummary.build("a", tf.zeros([1, 2, 2, 4], dtype), bad_color=bad_color)
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        evaluated(summary)


def test_several_tags_are_refused_with_the_name_of_the_op():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Tags must be a scalar: twice got a tag of shape \[2\]"):
        evaluated(ImageSummary.build(["a", "b"], tf.zeros([1, 2, 2, 1]), name="twice"))
