"""Colours of images, and images adjusted."""
import numpy as np
from catalog import program, raises

SMALL = np.array([[[1, 250, 3], [40, 50, 60], [70, 80, 90]], [[9, 8, 7], [200, 0, 100], [255, 255, 255]]], np.uint8)
COLOURS = np.array([[[0.1, 0.5, 0.9], [0.3, 0.3, 0.3]], [[1.0, 0.0, 0.0], [0.2, 0.7, 0.2]], [[0.0, 0.0, 0.0], [0.6, 0.1, 0.4]]], np.float32)
ROUNDING = "sums in another order"


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def slopes(tf, function, *values):
    """The gradients of function(values) * weights, with weights that tell the elements apart."""
    given = [tf.constant(value) for value in values]
    result = function(*given)
    sizes = result.shape.as_list()
    weights = np.arange(1, 1 + int(np.prod(sizes)), dtype=np.float32).reshape(sizes) / 8
    found = tf.gradients(result * weights.astype(result.dtype.as_numpy_dtype), given)
    with tf.Session() as session:
        return {"gradients": session.run(found)}


# ---------------------------------------------------------------- colours


@program(graph=True)
def number_types(tf):
    convert, signed = tf.image.convert_image_dtype, np.array([-300, 0, 1, 127, 32767], np.int16)
    return run(tf, floats=convert(SMALL, tf.float32), back=convert([0.0, 0.25, 0.999, 1.0], tf.uint8), up=convert(SMALL, tf.int32),
               down=convert(signed, tf.uint8), cut=convert([-1.0, 0.5, 3.0], tf.uint8, saturate=True),
               cut_down=convert(signed.astype(np.int32) * 65536, tf.uint8, saturate=True),
               half=convert([0.1], tf.float16), same=convert(SMALL, tf.uint8, name="same"))


@raises("dtype must be either floating point or integer")
def number_type_of_no_image(tf):
    tf.image.convert_image_dtype(SMALL, tf.string)


@program(graph=True, rtol=1e-5, atol=1e-6, why=ROUNDING)
def gray_and_television(tf):
    image = tf.image
    return run(tf, gray=image.rgb_to_grayscale(SMALL), gray_floats=image.rgb_to_grayscale(COLOURS),
               colours=image.grayscale_to_rgb(tf.constant(SMALL[..., :1])),
               yiq=image.rgb_to_yiq(COLOURS), yuv=image.rgb_to_yuv(COLOURS), from_yiq=image.yiq_to_rgb(COLOURS),
               from_yuv=image.yuv_to_rgb(COLOURS))


@program
def hue_saturation_value(tf):
    image = tf.image
    return run(tf, hsv=image.rgb_to_hsv(COLOURS), rgb=image.hsv_to_rgb(COLOURS), wild=image.rgb_to_hsv(COLOURS * 3 - 1),
               vector=image.rgb_to_hsv([0.1, 0.2, 0.7]), none=image.hsv_to_rgb(COLOURS[:0]),
               double=image.rgb_to_hsv(tf.constant(COLOURS.astype(np.float64))))


@program
def gradient_of_rgb_to_hsv(tf):
    return slopes(tf, lambda x: tf.image.rgb_to_hsv(x), COLOURS)


@raises("Dimension must be 3 but is 2 for 'RGBToHSV' (op: 'RGBToHSV') with input shapes: [3,2,2].")
def hue_of_two_channels(tf):
    tf.image.rgb_to_hsv(COLOURS[..., :2])


@raises("input must have 3 channels but instead has 2 channels.")
def other_hue_of_two_channels(tf):
    tf.Session().run(tf.image.adjust_hue(COLOURS[..., :2], 0.1))


@program(graph=True, rtol=1e-5, atol=1e-6, why=ROUNDING)
def adjusted(tf):
    image = tf.image
    return run(tf, hue=image.adjust_hue(COLOURS, 0.3), far=image.adjust_hue(COLOURS, -2.4), hue_bytes=image.adjust_hue(SMALL, 0.3),
               saturation=image.adjust_saturation(COLOURS, 0.4), more=image.adjust_saturation(SMALL, 3.0),
               contrast=image.adjust_contrast(COLOURS, 2.0),
               contrast_bytes=image.adjust_contrast(SMALL, 0.5), brightness=image.adjust_brightness(COLOURS, -0.2),
               brightness_bytes=image.adjust_brightness(SMALL, 0.5), gamma=image.adjust_gamma(SMALL, 0.5, 1.2),
               quality=image.adjust_jpeg_quality(SMALL, 30))


@program(graph=True, rtol=1e-5, atol=1e-6, why=ROUNDING)
def adjusted_at_random(tf):
    image = tf.image
    return run(tf, hue=image.random_hue(COLOURS, 0.3, seed=1), saturation=image.random_saturation(COLOURS, 0.2, 3.0, seed=2),
               contrast=image.random_contrast(COLOURS, 0.2, 3.0, seed=3), brightness=image.random_brightness(SMALL, 0.3, seed=4),
               quality=image.random_jpeg_quality(SMALL, 10, 90, seed=5))


@program(graph=True, rtol=2e-6, atol=2e-6, why=ROUNDING)
def standardized(tf):
    image = tf.image.per_image_standardization
    return run(tf, floats=image(COLOURS), even=image(tf.ones([2, 2, 2, 1])), whole=image(SMALL))


@raises("upper must be > lower.")
def contrast_of_no_range(tf):
    tf.image.random_contrast(COLOURS, 1.0, 0.5)


@raises("max_delta must be <= 0.5.")
def hue_of_too_wide_a_range(tf):
    tf.image.random_hue(COLOURS, 0.6)
