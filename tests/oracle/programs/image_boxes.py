"""Boxes and patches on images, and how images differ."""
import numpy as np
from catalog import program, raises

SMALL = np.array([[[1, 250, 3], [40, 50, 60], [70, 80, 90]], [[9, 8, 7], [200, 0, 100], [255, 255, 255]]], np.uint8)
GRID = (np.arange(40, dtype=np.float32).reshape(1, 5, 4, 2) * 7 % 11) / 4
BOXES = np.array([[0.0, 0.0, 1.0, 1.0], [0.1, 0.2, 0.6, 0.9], [-0.2, 0.5, 0.5, 1.3], [0.8, 0.9, 0.2, 0.1]], np.float32)
ROUNDING = "sums in another order"
LIBRARY = "transcendental functions differ in their last bits from one library to the next"


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


# ---------------------------------------------------------------- boxes


@program
def drawn_boxes(tf):
    draw, black = tf.image.draw_bounding_boxes, np.zeros((1, 6, 7, 3), np.float32)
    return run(tf, colours=draw(black, BOXES[None]), gray=draw(black[..., :1], BOXES[None]), clear=draw(np.zeros((1, 4, 4, 4),
               np.float32), BOXES[None, :2]),
               own=draw(black, BOXES[None], colors=[[0.25, 0.5, 0.75], [1.0, 2.0, 3.0]]), none=draw(black, BOXES[None, :0]))


@raises("Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA) for 'DrawBoundingBoxes'")
def boxes_on_two_channels(tf):
    tf.image.draw_bounding_boxes(GRID, BOXES[None])


@program(graph=True, rtol=1e-6, atol=1e-6, why=LIBRARY)
def best_boxes(tf):
    image, scores = tf.image, np.array([0.5, 0.9, 0.75, 0.6], np.float32)
    return run(tf, plain=image.non_max_suppression(BOXES, scores, 3, 0.2), few=image.non_max_suppression(BOXES, scores, 1),
               ties=image.non_max_suppression(BOXES, [1.0] * 4, 9, 0.9),
               least=image.non_max_suppression(BOXES, scores, 9, 0.9, 0.7), soft=image.non_max_suppression_with_scores(BOXES, scores, 9,
               0.95, 0.1, 0.3),
               padded=image.non_max_suppression_padded(BOXES, scores, 5, 0.2, pad_to_max_output_size=True),
               equal=image.non_max_suppression(BOXES[:2], scores[:2], 9, 0.35),
               overlaps=image.non_max_suppression_overlaps(np.eye(3, dtype=np.float32), [0.1, 0.3, 0.2], 3),
               none=image.non_max_suppression(BOXES[:0], scores[:0], 3),
               flat=image.non_max_suppression(np.zeros((2, 4), np.float32), [0.1, 0.2], 3))


@raises("iou_threshold must be in [0, 1]")
def best_boxes_with_no_threshold(tf):
    tf.Session().run(tf.image.non_max_suppression(BOXES, [1.0] * 4, 3, 1.5))


@raises("Dimensions must be equal, but are 4 and 3 for 'non_max_suppression/NonMaxSuppressionV3'")
def best_boxes_with_too_few_scores(tf):
    tf.image.non_max_suppression(BOXES, [1.0] * 3, 3)


@program
def boxes_cut_out(tf):
    cut, which = tf.image.crop_and_resize, [0, 0, 0, 0]
    return run(tf, three=cut(GRID, BOXES, which, [3, 3]), one=cut(GRID, BOXES, which, [1, 1]), row=cut(GRID, BOXES, box_indices=which,
               crop_size=[1, 4]),
               nearest=cut(GRID, BOXES, which, [3, 2], method="nearest", extrapolation_value=-1.0), none=cut(GRID, BOXES[:0], np.zeros(0,
               np.int32), [2, 2]),
               whole=cut(SMALL[None], BOXES, which, [2, 2]))


@program(graph=True, rtol=2e-5, atol=2e-5, why=ROUNDING)
def gradient_of_boxes_cut_out(tf):
    first = slopes(tf, lambda x, y: tf.image.crop_and_resize(x, y, [0, 0, 0, 0], [3, 2]), GRID, BOXES)
    second = slopes(tf, lambda x, y: tf.image.crop_and_resize(x, y, [0, 0, 0, 0], [1, 3], method="nearest"), GRID.astype(np.float64), BOXES)
    return {"linear": first, "nearest": second}


@raises("box_index has values outside [0, batch_size)")
def box_of_no_image(tf):
    tf.Session().run(tf.image.crop_and_resize(GRID, BOXES, [0, 1, 0, 0], [2, 2]))


@raises("Attr 'method' of 'CropAndResize' Op passed string 'area' not in: \"bilinear\", \"nearest\".")
def boxes_cut_out_by_area(tf):
    tf.image.crop_and_resize(GRID, BOXES, [0, 0, 0, 0], [2, 2], method="area")


@program
def windows_at_random(tf):
    sample, box = tf.image.sample_distorted_bounding_box, np.array([[[0.2, 0.1, 0.7, 0.9], [0.0, 0.5, 0.3, 1.0]]], np.float32)
    seen = {"window_%d" % seed: sample([60, 80, 3], box, seed=seed, min_object_covered=0.4) for seed in (1, 2, 3)}
    return run(tf, wide=sample([300, 200, 3], box, seed=5, seed2=6, aspect_ratio_range=[0.2, 4.0], area_range=[0.5, 0.9], max_attempts=50),
               impossible=sample([60, 80, 3], box, seed=1, min_object_covered=3.0), whole=sample([60, 80, 3], box[:, :0], seed=7,
               use_image_if_no_bounding_boxes=True), **seen)


@raises("No bounding boxes provided as input.")
def window_without_boxes(tf):
    tf.Session().run(tf.image.sample_distorted_bounding_box([6, 8, 3], np.zeros((1, 0, 4), np.float32)))


@raises("All bounding box coordinates must be in [0.0, 1.0]: 1.5")
def window_with_a_box_outside(tf):
    tf.Session().run(tf.image.sample_distorted_bounding_box([6, 8, 3], np.full((1, 1, 4), 1.5, np.float32)))


@program
def glimpses(tf):
    look = tf.image.extract_glimpse
    return run(tf, middle=look(GRID, [2, 2], [[0.0, 0.0]]), off=look(GRID, [3, 2], [[0.3, -0.2]]), corner=look(GRID, [2, 2], [[3.0,
               2.0]], centered=False, normalized=False),
               pixels=look(GRID, [2, 1], [[1.0, -2.0]], normalized=False))


@program(graph=True)
def patches(tf):
    cut = tf.image.extract_image_patches
    return run(tf, all=cut(GRID, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"), apart=cut(GRID, sizes=[1, 2, 2, 1], strides=[1, 2,
               1, 1], rates=[1, 2, 2, 1], padding="SAME"),
               newer=tf.image.extract_patches(SMALL[None], [1, 1, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"), none=cut(GRID[:0], [1, 2,
               2, 1], [1] * 4, [1] * 4, "VALID"))


@program
def gradient_of_patches(tf):
    return slopes(tf, lambda x: tf.extract_image_patches(x, [1, 3, 2, 1], [1, 2, 1, 1], [1, 1, 2, 1], "SAME"), GRID)


@raises("Only support ksizes across space.")
def patches_across_images(tf):
    tf.Session().run(tf.image.extract_image_patches(GRID, [2, 2, 2, 1], [1] * 4, [1] * 4, "SAME"))


# ---------------------------------------------------------------- how images differ


@program(graph=True, rtol=1e-5, atol=1e-6, why=ROUNDING)
def differences(tf):
    image, grid = tf.image, tf.constant(GRID)
    other = tf.constant(np.roll(GRID, 1, axis=1))
    return run(tf, variation=image.total_variation(grid), one=image.total_variation(grid[0]), gradients=image.image_gradients(grid),
               edges=image.sobel_edges(grid),
               noise=image.psnr(grid, other, 3.0), alike=image.ssim(grid, other, 3.0, filter_size=3))


@program(rtol=2e-5, atol=1e-5, why=ROUNDING)
def alike_at_many_sizes(tf):
    rows, columns = np.mgrid[:48, :44].astype(np.float32)
    first = (np.sin(rows / 3) * np.cos(columns / 5) / 2 + 0.5)[None, :, :, None]
    second = first * 0.8 + (rows * 7 % 11 / 60)[None, :, :, None]
    return run(tf, alike=tf.image.ssim_multiscale(first, second, 1.0, power_factors=(0.3, 0.4, 0.3)),
               bytes=tf.image.psnr(tf.constant((first * 255).astype(np.uint8)), tf.constant((second * 255).astype(np.uint8)), 255))


@program(graph=True)
def best_boxes_of_several_classes(tf):
    best, scores = tf.image.combined_non_max_suppression, np.array([[[0.9, 0.1], [0.8, 0.7], [0.3, 0.6], [0.5, 0.2]]], np.float32)
    return run(tf, all=best(BOXES[None, :, None], scores, 2, 5, iou_threshold=0.3), short=best(BOXES[None, :, None], scores, 1, 5,
               pad_per_class=True),
               own=best(np.stack([BOXES, BOXES[::-1]], axis=1)[None], scores, 3, 4, score_threshold=0.25, clip_boxes=False))


@raises("third dimension of boxes must be either 1 or equal to the third dimension of scores")
def best_boxes_of_too_many_classes(tf):
    tf.image.combined_non_max_suppression(np.zeros((1, 4, 3, 4), np.float32), np.zeros((1, 4, 2), np.float32), 2, 2)
