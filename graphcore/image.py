"""``tf.image``: pictures under their TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.image_adjusting import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_jpeg_quality,
    adjust_saturation,
    per_image_standardization,
    random_brightness,
    random_contrast,
    random_hue,
    random_jpeg_quality,
    random_saturation,
)
from graphcore.ops.image_boxes import (
    draw_bounding_boxes,
    non_max_suppression,
    non_max_suppression_overlaps,
    non_max_suppression_padded,
    non_max_suppression_with_scores,
)
from graphcore.ops.image_codecs import (
    decode_and_crop_jpeg,
    decode_bmp,
    decode_gif,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
    extract_jpeg_shape,
)
from graphcore.ops.image_colours import (
    convert_image_dtype,
    grayscale_to_rgb,
    hsv_to_rgb,
    rgb_to_grayscale,
    rgb_to_hsv,
    rgb_to_yiq,
    rgb_to_yuv,
    yiq_to_rgb,
    yuv_to_rgb,
)
from graphcore.ops.image_crops import crop_and_resize, extract_glimpse, sample_distorted_bounding_box
from graphcore.ops.image_decoding import decode_image, is_jpeg
from graphcore.ops.image_detections import combined_non_max_suppression
from graphcore.ops.image_geometry import (
    central_crop,
    crop_to_bounding_box,
    flip_left_right,
    flip_up_down,
    pad_to_bounding_box,
    random_flip_left_right,
    random_flip_up_down,
    resize_image_with_crop_or_pad,
    resize_image_with_pad,
    rot90,
    transpose_image,
)
from graphcore.ops.image_geometry import resize_image_with_crop_or_pad as resize_with_crop_or_pad
from graphcore.ops.image_geometry import transpose_image as transpose
from graphcore.ops.image_patches import extract_image_patches, extract_patches
from graphcore.ops.image_quality import image_gradients, psnr, sobel_edges, ssim, ssim_multiscale, total_variation
from graphcore.ops.image_resizing import (
    ResizeMethod,
    resize_area,
    resize_bicubic,
    resize_bilinear,
    resize_images,
    resize_nearest_neighbor,
)
from graphcore.ops.image_resizing import resize_images as resize
from graphcore.ops.random import random_crop
