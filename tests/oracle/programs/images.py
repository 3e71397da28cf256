"""Images of other sizes: resized, flipped, cropped and padded."""
import numpy as np
from catalog import program, raises

SMALL = np.array([[[1, 250, 3], [40, 50, 60], [70, 80, 90]], [[9, 8, 7], [200, 0, 100], [255, 255, 255]]], np.uint8)
GRID = (np.arange(40, dtype=np.float32).reshape(1, 5, 4, 2) * 7 % 11) / 4
ROUNDING = "sums in another order"


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def shapes(**tensors):
    return {name: str(tensor.shape) for name, tensor in tensors.items()}


def fed(tf, value):
    return tf.placeholder_with_default(value, None)


def slopes(tf, function, *values):
    """The gradients of function(values) * weights, with weights that tell the elements apart."""
    given = [tf.constant(value) for value in values]
    result = function(*given)
    sizes = result.shape.as_list()
    weights = np.arange(1, 1 + int(np.prod(sizes)), dtype=np.float32).reshape(sizes) / 8
    found = tf.gradients(result * weights.astype(result.dtype.as_numpy_dtype), given)
    with tf.Session() as session:
        return {"gradients": session.run(found)}


# ---------------------------------------------------------------- sizes


@program
def resized_in_four_ways(tf):
    image = tf.image
    seen = {}
    for size in ([3, 7], [5, 1], [9, 4], [2, 2]):
        for name, way in (("bilinear", image.resize_bilinear), ("nearest", image.resize_nearest_neighbor), ("cubic", image.resize_bicubic)):
            label = "%s_%dx%d" % (name, *size)
            seen[label] = way(GRID, size)
            seen[label + "_corners"] = way(GRID, size, align_corners=True)
            seen[label + "_half"] = way(GRID, size, half_pixel_centers=True)
        seen["area_%dx%d" % tuple(size)] = image.resize_area(GRID, size)
        seen["area_%dx%d_corners" % tuple(size)] = image.resize_area(GRID, size, align_corners=True)
    return run(tf, **seen)


@program
def resized_pixels_of_other_types(tf):
    image, whole = tf.image, (GRID * 40).astype(np.uint8)
    return run(tf, bytes=image.resize_bilinear(tf.constant(whole), [3, 3]), nearest=image.resize_nearest_neighbor(tf.constant(whole), [3,
               3]),
               double=image.resize_bicubic(tf.constant(GRID.astype(np.float64)), [3, 3]),
               half=image.resize_area(tf.constant(GRID.astype(np.float16)), [2, 3]),
               nan=image.resize_bilinear([[[[float("nan")], [1.0], [float("inf")], [2.0]]]], [1, 7]), none=image.resize_bicubic(GRID[:0],
               [3, 3]))


@program
def shapes_of_resized_images(tf):
    image, unknown = tf.image, tf.placeholder(tf.float32)
    rows = tf.placeholder(tf.float32, [None, None, 7, 3])
    return shapes(unknown=image.resize_bilinear(unknown, [3, 4]), rows=image.resize_area(rows, [3, 4]),
                  size=image.resize_bicubic(rows, tf.placeholder(tf.int32)), packed=image.resize_images(rows, [tf.placeholder(tf.int32,
               []), 4]),
                  one=image.resize_images(tf.placeholder(tf.float32, [None, None, 3]), [3, 4]),
                  kept=image.resize_images(tf.placeholder(tf.uint8, [5, 10, 3]), [3, 4], preserve_aspect_ratio=True))


@program(graph=True, rtol=4e-6, why=ROUNDING)
def gradients_of_resizing(tf):
    found = [slopes(tf, lambda x, way=way: way(x, [3, 6]), GRID)["gradients"]
             for way in (tf.image.resize_bilinear, tf.image.resize_nearest_neighbor, tf.image.resize_bicubic)]
    found.append(slopes(tf, lambda x: tf.image.resize_bilinear(x, [8, 3], align_corners=True), GRID.astype(np.float64))["gradients"])
    found.append(slopes(tf, lambda x: tf.image.resize_bicubic(x, [8, 3], half_pixel_centers=True), GRID.astype(np.float64))["gradients"])
    return {"gradients": found}


@program(graph=True)
def resize_images(tf):
    image, one = tf.image, tf.constant(GRID[0])
    return run(tf, plain=image.resize_images(one, [3, 3]), same=image.resize_images(SMALL, [2, 3]), nearest=image.resize(GRID, [2, 2],
               method=1),
               ratio=image.resize_images(one, [20, 8], method=2, preserve_aspect_ratio=True, name="R"),
               area=image.resize(tf.constant(GRID), tf.constant([2, 2]), method="area"))


@raises("'images' must have either 3 or 4 dimensions.")
def resized_vector(tf):
    tf.image.resize_images([1.0], [2, 2])


@raises("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
def resized_to_three_sizes(tf):
    tf.image.resize_images(GRID, [2, 2, 2])


@raises("Resize method is not implemented.")
def resized_in_no_way(tf):
    tf.image.resize_images(GRID, [2, 2], method=7)


@raises("output dimensions must be positive")
def resized_to_nothing(tf):
    tf.Session().run(tf.image.resize_bilinear(GRID, [0, 2]))


@raises("If half_pixel_centers is True, align_corners must be False.")
def resized_with_both_kinds_of_corners(tf):
    tf.Session().run(tf.image.resize_bicubic(GRID, [2, 2], align_corners=True, half_pixel_centers=True))


@raises("Shape must be rank 4 but is rank 3 for 'ResizeArea' (op: 'ResizeArea') with input shapes: [5,4,2], [2].")
def resized_single_image(tf):
    tf.image.resize_area(GRID[0], [2, 2])


# ---------------------------------------------------------------- flips, crops, pads


@program(graph=True)
def flipped(tf):
    image = tf.image
    return run(tf, left=image.flip_left_right(SMALL), up=image.flip_up_down(GRID), turned=image.rot90(SMALL, name="turn"),
               swapped=image.transpose_image(SMALL), unknown=image.flip_left_right(fed(tf, SMALL)))


@program
def turned(tf):
    seen = {"one_%d" % k: tf.image.rot90(SMALL, k) for k in (-1, 0, 2, 3, 5)}
    return run(tf, many=tf.image.rot90(GRID, 3), asked=tf.image.rot90(SMALL, tf.placeholder_with_default(2, [])), **seen)


@program(graph=True)
def flipped_at_random(tf):
    image = tf.image
    seen = {"one_%d" % seed: image.random_flip_left_right(SMALL, seed=seed) for seed in (1, 2)}
    return run(tf, many=image.random_flip_up_down(np.concatenate([GRID] * 4), seed=3), crop=image.random_crop(SMALL, [1, 2, 3], seed=3),
               **seen)


@program(graph=True)
def cropped_and_padded(tf):
    image = tf.image
    return run(tf, middle=image.central_crop(SMALL, 0.5), crop=image.crop_to_bounding_box(GRID, 1, 1, 3, 2),
               pad=image.pad_to_bounding_box(SMALL, 1, 0, 4, 3), both=image.resize_image_with_crop_or_pad(SMALL, 3, 2),
               fitted=image.resize_image_with_pad(SMALL, 6, 3))


@program(graph=True)
def cropped_and_padded_with_unknown_sizes(tf):
    image, one = tf.image, tf.placeholder_with_default(GRID[0], [None, None, 2])
    return run(tf, middle=image.central_crop(one, 0.5), both=image.resize_image_with_crop_or_pad(one, 3, 6))


@program
def cropped_and_padded_to_unknown_sizes(tf):
    image, one = tf.image, fed(tf, GRID[0])
    return run(tf, crop=image.crop_to_bounding_box(one, 1, 1, 3, 2), fitted=image.resize_image_with_pad(one, 6, 3, method=1),
               asked=image.pad_to_bounding_box(one, tf.constant(1), 1, 7, 8), both=image.resize_image_with_crop_or_pad(one,
               tf.constant(3), 6))


@raises("assertion failed: [width must be <= target - offset]")
def pad_that_turns_out_too_narrow(tf):
    tf.Session().run(tf.image.pad_to_bounding_box(fed(tf, SMALL), 0, 1, 5, 3))


@raises("width must be >= target + offset.")
def crop_that_is_too_wide(tf):
    tf.image.crop_to_bounding_box(SMALL, 0, 2, 1, 2)


@raises("height must be <= target - offset")
def pad_that_is_too_low(tf):
    tf.image.pad_to_bounding_box(SMALL, 0, 0, 1, 5)


@raises("central_fraction must be within (0, 1]")
def middle_that_is_nothing(tf):
    tf.image.central_crop(SMALL, 0.0)


@raises("all dims of 'image.shape' must be > 0")
def flip_of_nothing(tf):
    tf.image.flip_up_down(SMALL[:0])
