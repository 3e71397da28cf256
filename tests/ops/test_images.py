"""Images beside the recorded ones: against Pillow, SciPy and plain loops, files of odd kinds, what fails and how."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import graphcore as tf
from graphcore.autodiff.check import compute_gradient
from graphcore.core import errors
from graphcore.ops.kernels import png_files, suppression
from tests.tolerances import assert_close, assert_same

RANDOM = np.random.RandomState(3)
WAYS = {"bilinear": tf.image.resize_bilinear, "nearest": tf.image.resize_nearest_neighbor, "bicubic": tf.image.resize_bicubic,
        "area": tf.image.resize_area}


def run(tensor, feeds=None):
    with tf.Session() as session:
        return session.run(tensor, feeds)


def smooth(rows, columns, channels=3):
    """Bytes like those of a photograph: neighbours are alike."""
    y, x = np.mgrid[:rows, :columns]
    waves = [128 + 100 * np.sin(x / 5 + k) * np.cos(y / 7 - k) for k in range(channels)]
    return np.clip(np.stack(waves, axis=-1) + RANDOM.randn(rows, columns, channels) * 5, 0, 255).astype(np.uint8)


def written(pixels, kind, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize("way", WAYS)
def test_an_even_image_stays_even(way):
    image = np.full((2, 5, 7, 3), 0.75, np.float32)
    assert_close(np.full((2, 9, 4, 3), 0.75), run(WAYS[way](image, [9, 4])))


def test_the_area_of_whole_blocks_is_their_mean():
    image = RANDOM.rand(2, 8, 6, 3).astype(np.float32)
    assert_close(image.reshape(2, 4, 2, 2, 3, 3).mean(axis=(2, 4)), run(tf.image.resize_area(image, [4, 2])))


def test_bilinear_corners_are_scipys():
    image = RANDOM.rand(7, 5)
    rows, columns = np.meshgrid(np.linspace(0, 6, 11), np.linspace(0, 4, 9), indexing="ij")
    expected = ndimage.map_coordinates(image, [rows, columns], order=1)
    found = run(tf.image.resize_bilinear(image[None, :, :, None].astype(np.float32), [11, 9], align_corners=True))[0, :, :, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("options", [{}, {"align_corners": True}, {"half_pixel_centers": True}], ids=str)
@pytest.mark.parametrize("way", ["bilinear", "nearest", "bicubic"])
def test_gradients_of_resizing_are_differences(way, options):
    # float32 results: the images' differences are large ones, the functions are linear.
    images = tf.constant(RANDOM.rand(1, 4, 3, 2).astype(np.float32))
    with tf.Session():
        theoretical, numeric = compute_gradient(images, (1, 4, 3, 2), WAYS[way](images, [6, 2], **options), (1, 6, 2, 2), delta=0.5)
    np.testing.assert_allclose(theoretical, numeric, atol=1e-4)


def test_gradients_of_resizing_have_no_rows_to_come_from():
    from graphcore.ops.image_resizing import ResizeBilinearGrad

    gradient = ResizeBilinearGrad.build(np.zeros((1, 0, 3, 2), np.float32), np.ones((1, 4, 3, 2), np.float32))
    assert_same(np.zeros((1, 4, 3, 2), np.float32), run(gradient))


# ---------------------------------------------------------------- geometry


@pytest.mark.parametrize("k", range(-1, 6))
def test_turns_are_numpys(k):
    image = RANDOM.rand(2, 4, 3, 2).astype(np.float32)
    assert_same(np.rot90(image, k, (1, 2)), run(tf.image.rot90(image, k)))
    assert_same(np.rot90(image[0], k), run(tf.image.rot90(image[0], k)))


def test_flips_at_random_flip_about_half_of_a_batch():
    images = np.arange(2, dtype=np.float32).reshape(1, 1, 2, 1).repeat(400, axis=0)
    flipped = run(tf.image.random_flip_left_right(images, seed=5))[:, 0, 0, 0]
    assert 160 < flipped.sum() < 240


@pytest.mark.parametrize("rows, columns", [(3, 9), (9, 3), (5, 5), (1, 1)])
def test_crop_or_pad_keeps_the_middle(rows, columns):
    image = np.pad(np.ones((1, 1, 1), np.float32), ((2, 2), (2, 2), (0, 0)))
    found = run(tf.image.resize_image_with_crop_or_pad(image, rows, columns))
    assert found.shape == (rows, columns, 1)
    assert found[rows // 2, columns // 2, 0] == 1 == found.sum()


# ---------------------------------------------------------------- colours


def test_hsv_and_back_is_the_same():
    colours = RANDOM.rand(50, 3)
    np.testing.assert_allclose(run(tf.image.hsv_to_rgb(tf.image.rgb_to_hsv(tf.constant(colours)))), colours, atol=1e-12)


def test_a_whole_turn_of_the_hue_is_none():
    colours = RANDOM.rand(2, 9, 3).astype(np.float32)
    np.testing.assert_allclose(run(tf.image.adjust_hue(colours, 1.0)), colours, atol=2e-6)


def test_no_saturation_is_gray():
    grays = run(tf.image.adjust_saturation(RANDOM.rand(2, 9, 3).astype(np.float32), 0.0))
    assert_close(grays[..., :1].repeat(3, axis=2), grays)


def test_standardized_images_have_mean_0_and_deviation_1():
    images = run(tf.image.per_image_standardization(RANDOM.rand(3, 8, 9, 2).astype(np.float32) * 7))
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(images.std(axis=(1, 2, 3)), 1, rtol=1e-5)


# ---------------------------------------------------------------- boxes


def test_the_heap_is_a_heap():
    heap, numbers = [], RANDOM.randint(0, 20, 200).tolist()
    for number in numbers:
        suppression._push(heap, (number,))
    assert [suppression._pop(heap)[0] for _ in numbers] == sorted(numbers, reverse=True)


def test_chosen_boxes_do_not_overlap():
    low = RANDOM.rand(120, 2).astype(np.float32)
    boxes = np.concatenate([low, low + 0.05 + 0.2 * RANDOM.rand(120, 2).astype(np.float32)], axis=1)
    scores = RANDOM.rand(120).astype(np.float32)
    chosen = run(tf.image.non_max_suppression(boxes, scores, 120, 0.3))
    overlaps = np.stack([suppression.overlap_of(boxes)(one, np.arange(120)) for one in range(120)])
    assert (np.diff(scores[chosen]) <= 0).all()
    assert (overlaps[np.ix_(chosen, chosen)] - np.eye(len(chosen)) < 0.3).all()
    refused = np.setdiff1d(np.arange(120), chosen)
    better = scores[chosen][None] > scores[refused][:, None]
    assert ((overlaps[np.ix_(refused, chosen)] >= 0.3) & better).any(axis=1).all()


def test_gradients_of_crops_are_differences():
    # No sample falls on a pixel, where the gradient jumps: 0.2 and 0.6 of six columns would be columns 1 and 3.
    corners = np.array([[0.1, 0.22, 0.83, 0.71], [0.9, 0.3, 0.15, 0.62]], np.float32)
    image, boxes = tf.constant(RANDOM.rand(2, 5, 6, 2).astype(np.float32)), tf.constant(corners)
    crops = tf.image.crop_and_resize(image, boxes, [1, 0], [3, 4])
    with tf.Session():
        theoretical, numeric = compute_gradient(image, (2, 5, 6, 2), crops, (2, 3, 4, 2), delta=0.5)
        np.testing.assert_allclose(theoretical, numeric, atol=1e-4)
        theoretical, numeric = compute_gradient(boxes, (2, 4), crops, (2, 3, 4, 2), x_init_value=corners, delta=1e-3)
        np.testing.assert_allclose(theoretical, numeric, atol=2e-2)


def test_windows_at_random_keep_their_limits():
    box = np.array([[[0.25, 0.25, 0.75, 0.75]]], np.float32)
    begin, size, _ = tf.image.sample_distorted_bounding_box([40, 60, 3], box, seed=9, min_object_covered=0.5, area_range=[0.2, 0.6])
    with tf.Session() as session:
        for _ in range(30):
            (top, left, _), (rows, columns, _) = session.run([begin, size])
            assert 0.7 <= columns / rows <= 1.4
            assert 0.19 <= rows * columns / 2400 <= 0.61
            shared = max(0, min(top + rows, 30) - max(top, 10)) * max(0, min(left + columns, 45) - max(left, 15))
            assert shared >= 300


def test_noise_beside_a_glimpse_is_within_the_image():
    image = RANDOM.rand(1, 6, 6, 1).astype(np.float32)
    for uniform in (True, False):
        seen = run(tf.image.extract_glimpse(image, [4, 4], [[5.0, 5.0]], uniform_noise=uniform))
        assert image.min() <= seen.min() < seen.max() <= image.max()


# ---------------------------------------------------------------- files


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png_files_come_back(channels, dtype):
    for rows, columns in ((1, 1), (1, 7), (7, 1), (23, 31)):
        pixels = smooth(rows, columns, channels).astype(dtype) * dtype(1 if dtype == np.uint8 else 201)
        assert_same(pixels, png_files.decode(png_files.encode(pixels, -1), 0, dtype))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pillow_reads_written_png_files(channels):
    pixels = smooth(20, 30, channels)
    read = np.asarray(Image.open(io.BytesIO(run(tf.image.encode_png(pixels)))))
    assert_same(pixels, read.reshape(pixels.shape))


def test_interlaced_png_of_sixteen_bits():
    pixels = RANDOM.randint(0, 65536, (9, 11, 3)).astype(np.uint16)
    rows = []
    for top, left, down, across in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        rows += [b"\0" + row.astype(">u2").tobytes() for row in pixels[top::down, left::across]]
    file = (png_files.SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 11, 9, 16, 2, 0, 0, 1))
            + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))
    assert_same(pixels, run(tf.image.decode_png(file, dtype=tf.uint16)))
    assert_same((pixels >> 8).astype(np.uint8), run(tf.image.decode_png(file)))


@pytest.mark.parametrize("damage", ["chunk", "end", "filter", "header"])
def test_damaged_png_files_are_errors(damage):
    file = bytearray(png_files.encode(smooth(5, 6).astype(np.uint16), -1))
    if damage == "chunk":
        file[50] ^= 1
    elif damage == "end":
        del file[-12:]
    elif damage == "filter":
        data = zlib.compress(b"\7" + bytes(36))
        file = bytearray(png_files.SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 6, 1, 16, 2, 0, 0, 0)) + chunk(b"IDAT", data)
                         + chunk(b"IEND", b""))
    else:
        del file[8:33]
    with pytest.raises(errors.InvalidArgumentError, match="Invalid PNG data, size"):
        run(tf.image.decode_png(bytes(file), dtype=tf.uint16))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_slow_jpeg_is_pillows(subsampling):
    file = written(smooth(37, 53), "JPEG", quality=85, subsampling=subsampling)
    assert_same(np.asarray(Image.open(io.BytesIO(file))), run(tf.image.decode_jpeg(file, dct_method="INTEGER_ACCURATE")))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_quick_jpeg_is_nearly_the_slow_one(subsampling):
    file = written(smooth(37, 53), "JPEG", quality=85, subsampling=subsampling)
    quick, slow = run([tf.image.decode_jpeg(file), tf.image.decode_jpeg(file, dct_method="INTEGER_ACCURATE")])
    assert np.abs(quick.astype(int) - slow).max() <= 12
    assert np.abs(quick.astype(int) - slow).mean() < 1.5


def test_jpeg_of_four_inks_has_three_channels():
    file = io.BytesIO()
    Image.fromarray(smooth(9, 8)).convert("CMYK").save(file, "JPEG")
    expected = np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB")).astype(int)
    assert np.abs(run(tf.image.decode_jpeg(file.getvalue())).astype(int) - expected).max() <= 4


@pytest.mark.parametrize("window", [[0, 0, 37, 53], [5, 17, 20, 30], [36, 52, 1, 1]], ids=str)
def test_parts_of_a_jpeg_are_as_in_the_whole_but_for_their_edges(window):
    file = written(smooth(37, 53), "JPEG", quality=85)
    top, left, rows, columns = window
    part, whole = run([tf.image.decode_and_crop_jpeg(file, window), tf.image.decode_jpeg(file)])
    whole = whole[top:top + rows, left:left + columns]
    assert part.shape == whole.shape
    assert_same(whole[:, 1:-1], part[:, 1:-1])


def test_a_still_gif_is_pillows():
    file = written(smooth(11, 9), "GIF")
    assert_same(np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))[None], run(tf.image.decode_gif(file)))


def test_clear_colours_of_a_gif_are_drawn():
    # As in TF 1.15; others show the frame before there.
    pixels = b"\x02\x02D\n\0"
    clear = b"!\xf9\x04\x01\0\0\0\0"
    file = (b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff" + b",\0\0\0\0\x02\0\x01\0\0" + pixels
            + clear + b",\0\0\0\0\x02\0\x01\0\x80\0\xff\0\x01\x02\x03" + pixels + b";")
    assert run(tf.image.decode_gif(file)).tolist() == [[[[255, 0, 0], [0, 0, 255]]], [[[0, 255, 0], [1, 2, 3]]]]


@pytest.mark.parametrize("kind, mode", [("BMP", "L"), ("BMP", "RGB")])
def test_bmp_is_pillows(kind, mode):
    pixels = smooth(7, 5, 1 if mode == "L" else 3)
    file = written(pixels[:, :, 0] if mode == "L" else pixels, kind)
    assert_same(pixels, run(tf.image.decode_bmp(file)))


@pytest.mark.parametrize("length", [0, 1, 20, 31, 60])
def test_short_files_are_errors_in_tfs_words(length):
    for decode, file in ((tf.image.decode_bmp, written(smooth(7, 5), "BMP")), (tf.image.decode_gif, written(smooth(7, 5), "GIF")),
                         (tf.image.decode_png, written(smooth(7, 5), "PNG")), (tf.image.decode_jpeg, written(smooth(7, 5), "JPEG"))):
        with pytest.raises(errors.InvalidArgumentError):
            run(decode(file[:length]))


@pytest.mark.parametrize("shape", [(0, 3, 3), (3, 0, 1)])
def test_empty_images_are_not_written(shape):
    for encode in (tf.image.encode_png, tf.image.encode_jpeg):
        with pytest.raises(errors.InvalidArgumentError, match="image must not be empty"):
            run(encode(np.zeros(shape, np.uint8)))
