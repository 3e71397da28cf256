"""MNIST's files and the batches made of them; batch sequences are recorded from TF 1.15.5."""

import gzip
import hashlib
import struct
import urllib.error

import numpy as np
import pytest

from graphcore.core.dtypes import float32, float64, uint8
from graphcore.core.scopes import get_default_graph
from graphcore.datasets import digits, download, idx, mnist
from graphcore.examples.tutorials.mnist import input_data

IMAGES = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


def image_bytes(images=IMAGES, magic=2051):
    """Return `images` in IDX form."""
    return struct.pack(">4I", magic, *images.shape) + images.tobytes()


def label_bytes(labels=LABELS, magic=2049):
    """Return `labels` in IDX form."""
    return struct.pack(">2I", magic, len(labels)) + labels.tobytes()


@pytest.fixture
def folder(tmp_path):
    """A folder with a data set of five tiny images in both parts."""
    for name in mnist.FILES:
        (tmp_path / name).write_bytes(gzip.compress(image_bytes() if "images" in name else label_bytes()))
    return tmp_path


def opened(path, data):
    """Return a file object that holds `data`."""
    path.write_bytes(data)
    return path.open("rb")


# ---------------------------------------------------------------- files

def test_images_and_labels_are_read(tmp_path):
    with opened(tmp_path / "images", gzip.compress(image_bytes(), mtime=0)) as file:
        np.testing.assert_array_equal(idx.read_images(file), IMAGES)
    with opened(tmp_path / "labels", gzip.compress(label_bytes(), mtime=0)) as file:
        np.testing.assert_array_equal(idx.read_labels(file), LABELS)


@pytest.mark.parametrize(
    ("data", "error", "phrase"),
    [
        (gzip.compress(image_bytes(magic=2049), mtime=0), ValueError, "Invalid magic number 2049 in MNIST image file: .*broken"),
        (gzip.compress(b"", mtime=0), ValueError, "ends within its header"),
        (gzip.compress(image_bytes()[:11], mtime=0), ValueError, "ends within its header"),
        (gzip.compress(image_bytes()[:-1], mtime=0), ValueError, "announces 30 bytes.*only 29 follow"),
        (gzip.compress(image_bytes() + b"x", mtime=0), ValueError, "announces 30 bytes.*more follow"),
        (gzip.compress(struct.pack(">4I", 2051, *[2**32 - 1] * 3), mtime=0), ValueError, "at most .* are read"),
        (gzip.compress(struct.pack(">4I", 2051, 2**20, 28, 28), mtime=0), ValueError, "only 0 follow"),
        (image_bytes(), gzip.BadGzipFile, "[Nn]ot a gzipped file.*broken"),
        (gzip.compress(image_bytes(), mtime=0)[:-9], EOFError, "damaged"),
        (gzip.compress(image_bytes(), mtime=0)[:-8] + bytes(8), gzip.BadGzipFile, "CRC check failed"),
        (gzip.compress(image_bytes(), mtime=0)[:10] + bytes(20), EOFError, "damaged"),
    ],
)
def test_malformed_images_are_refused(tmp_path, data, error, phrase):
    with opened(tmp_path / "broken", data) as file, pytest.raises(error, match=phrase):
        idx.read_images(file)


def test_labels_are_no_images(tmp_path):
    with opened(tmp_path / "labels", gzip.compress(image_bytes(), mtime=0)) as file:
        with pytest.raises(ValueError, match="Invalid magic number 2051 in MNIST label file"):
            idx.read_labels(file)


def test_load(folder):
    data = mnist.load(folder)
    np.testing.assert_array_equal(data.train_images, IMAGES)
    np.testing.assert_array_equal(data.test_labels, LABELS)


def test_load_counts_labels(folder):
    (folder / mnist.TEST_LABELS).write_bytes(gzip.compress(label_bytes(LABELS[:4]), mtime=0))
    with pytest.raises(ValueError, match="5 images but 4 labels"):
        mnist.load(folder)


def test_found_where_the_environment_says(folder, monkeypatch):
    real = folder.rename(folder.with_name("mnist_real"))
    monkeypatch.setenv("GRAPHCORE_DATA", str(real.parent))
    assert mnist.find() == real


def test_found_beside_the_working_directory(folder, monkeypatch):
    # Two levels down: what lies beside this test's folder would be found by every later test that looks for data.
    place = folder / "clone" / "shared" / "data"
    work = folder / "clone" / "work"
    place.mkdir(parents=True)
    work.mkdir()
    real = place / "mnist_real"
    real.mkdir()
    for name in mnist.FILES:
        (folder / name).rename(real / name)
    monkeypatch.delenv("GRAPHCORE_DATA", raising=False)
    monkeypatch.chdir(work)
    assert mnist.find().samefile(real)


def test_incomplete_folder_is_not_found(folder):
    (folder / mnist.TEST_LABELS).unlink()
    assert mnist.find(folder) is None
    with pytest.raises(FileNotFoundError, match="GRAPHCORE_DATA"):
        mnist.load(folder)


def test_digits_have_mnist_form():
    pytest.importorskip("sklearn")
    data = digits.load()
    assert [part.shape for part in data] == [(1500, 28, 28), (1500,), (297, 28, 28), (297,)]
    assert (data.train_images.dtype, data.train_images.max(), data.train_labels[:4].tolist()) == (np.uint8, 255, [0, 1, 2, 3])


def test_digits_are_enlarged_and_framed():
    small = np.zeros((1, 8, 8))
    small[0, 0, 7] = 16
    rows, columns = np.nonzero(digits.enlarge(small)[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max(), len(rows)) == (2, 4, 23, 25, 9)


# ---------------------------------------------------------------- read_data_sets

def test_read_data_sets(folder, capsys):
    data = input_data.read_data_sets(str(folder), one_hot=True, validation_size=2)
    assert [part.num_examples for part in data] == [3, 2, 5]
    assert capsys.readouterr().out.splitlines()[0] == f"Extracting {folder / mnist.TRAIN_IMAGES}"
    np.testing.assert_allclose(data.validation.images, IMAGES[:2].reshape(2, 6) / 255, rtol=1e-6)
    assert data.train.labels.argmax(axis=1).tolist() == [4, 1, 5]
    assert (data.train.images.dtype, data.train.labels.dtype, data.train.epochs_completed) == (np.float32, np.float64, 0)


def test_read_data_sets_unscaled(folder):
    data = input_data.read_data_sets(folder, dtype=uint8, reshape=False, validation_size=0)
    np.testing.assert_array_equal(data.test.images, IMAGES[..., np.newaxis])
    assert (data.test.images.dtype, data.test.labels.tolist()) == (np.uint8, LABELS.tolist())


@pytest.mark.parametrize("size", [-1, 6])
def test_validation_size_is_checked(folder, size):
    with pytest.raises(ValueError, match=f"Validation size should be between 0 and 5. Received: {size}."):
        input_data.read_data_sets(folder, validation_size=size)


def test_fake_data():
    images, labels = input_data.read_data_sets("nowhere", fake_data=True, one_hot=True).train.next_batch(2, fake_data=True)
    assert (images, labels) == ([[1] * 784] * 2, [[1] + [0] * 9] * 2)
    assert input_data.DataSet([], [], fake_data=True).next_batch(2, fake_data=True)[1] == [0, 0]


def test_digits_as_data_sets():
    pytest.importorskip("sklearn")
    data = input_data.read_digits(one_hot=True)
    assert [part.num_examples for part in data] == [1300, 200, 297]
    assert (data.train.images.shape, data.train.labels.shape) == ((1300, 784), (1300, 10))


def test_one_hot():
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    np.testing.assert_array_equal(input_data.dense_to_one_hot(np.array([[1], [0], [2]], np.uint8), 3), expected)


def test_label_without_a_class_is_refused():
    with pytest.raises(ValueError, match="Label 7 is not one of the 3 classes"):
        input_data.dense_to_one_hot(np.array([1, 7]), 3)


# ---------------------------------------------------------------- downloads

def test_missing_files_are_fetched(folder, tmp_path_factory, capsys):
    target = tmp_path_factory.mktemp("parent") / "new"
    data = input_data.read_data_sets(target, validation_size=0, source_url=folder.as_uri() + "/")
    assert (data.test.labels.tolist(), sorted(path.name for path in target.iterdir())) == (LABELS.tolist(), sorted(mnist.FILES))
    assert "Successfully downloaded" in capsys.readouterr().out


def test_default_source_is_checked(folder, tmp_path_factory, monkeypatch):
    target = tmp_path_factory.mktemp("target")
    monkeypatch.setattr(input_data, "DEFAULT_SOURCE_URL", folder.as_uri() + "/")
    with pytest.raises(ValueError, match="SHA-256 differs.*nothing was saved"):
        input_data.read_data_sets(target, source_url=None)
    assert list(target.iterdir()) == []


def test_checksum_is_that_of_the_content(folder, tmp_path_factory):
    target = tmp_path_factory.mktemp("target") / "file"
    url = (folder / mnist.TEST_LABELS).as_uri()
    download.fetch(url, target, hashlib.sha256(label_bytes()).hexdigest())
    assert target.read_bytes() == (folder / mnist.TEST_LABELS).read_bytes()


def test_answer_that_is_no_gzip_file(tmp_path):
    (tmp_path / "page").write_bytes(b"<html>please log in</html>")
    with pytest.raises(ValueError, match="gzip.*nothing was saved"):
        download.fetch((tmp_path / "page").as_uri(), tmp_path / "target", "0" * 64)
    assert not (tmp_path / "target").exists()


def test_answer_that_is_too_long(tmp_path, monkeypatch):
    (tmp_path / "long").write_bytes(bytes(11))
    monkeypatch.setattr(download, "LARGEST", 10)
    with pytest.raises(ValueError, match="more than 10 bytes"):
        download.fetch((tmp_path / "long").as_uri(), tmp_path / "target")


def test_no_network_says_what_to_do(tmp_path):
    nowhere = (tmp_path / "nowhere").as_uri() + "/"
    with pytest.raises(urllib.error.URLError, match="could not be downloaded.*read_digits"):
        input_data.read_data_sets(tmp_path / "MNIST_data", source_url=nowhere)


def test_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError("no")

    monkeypatch.setattr(download.os, "replace", refuse)
    with pytest.raises(PermissionError):
        download.save(b"data", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- batches

def labels_of_batches(graph_seed=None, **options):
    """Return the labels of batches of some sizes, with the number of epochs completed after each."""
    get_default_graph().seed = graph_seed
    images = np.arange(40, dtype=np.uint8).reshape(10, 2, 2, 1)
    data = input_data.DataSet(images, np.arange(10), **options)
    return [[*data.next_batch(size)[1].tolist(), data.epochs_completed] for size in (3, 3, 3, 3, 5, 10)]


# What TF 1.15.5's DataSet hands out; the last number of each row is epochs_completed.
SEED_1 = [[2, 9, 6, 0], [4, 0, 3, 0], [1, 7, 8, 0], [5, 5, 3, 1], [4, 2, 8, 0, 6, 1], [9, 1, 7, 1, 2, 0, 7, 5, 6, 3, 2]]
SEED_0 = [[2, 8, 4, 0], [9, 1, 6, 0], [7, 3, 0, 0], [5, 9, 6, 1], [8, 4, 5, 0, 2, 1], [7, 3, 1, 8, 4, 3, 5, 0, 6, 9, 2]]
SEED_7 = [[8, 5, 0, 0], [2, 1, 9, 0], [7, 3, 6, 0], [4, 5, 2, 1], [0, 9, 4, 8, 1, 1], [7, 3, 6, 0, 4, 2, 6, 1, 3, 7, 2]]
GRAPH_SEED_5 = [[9, 5, 2, 0], [4, 7, 1, 0], [0, 8, 6, 0], [3, 2, 1, 1], [0, 4, 6, 5, 7, 1], [8, 3, 9, 2, 4, 8, 3, 9, 0, 5, 2]]


@pytest.mark.parametrize(
    ("graph_seed", "options", "expected"),
    [
        (None, dict(seed=1), SEED_1),
        (5, dict(seed=1), SEED_1),
        (None, dict(seed=0), SEED_0),
        (None, dict(seed=7, dtype=uint8, reshape=False), SEED_7),
        (5, dict(), GRAPH_SEED_5),
    ],
)
def test_batches_are_those_of_tensorflow(graph_seed, options, expected):
    assert labels_of_batches(graph_seed, **options) == expected


def test_images_go_with_their_labels():
    images = np.arange(40, dtype=np.uint8).reshape(10, 2, 2, 1)
    data = input_data.DataSet(images, np.arange(10), dtype=uint8, seed=3)
    for size in (4, 4, 4, 9):
        batch, labels = data.next_batch(size)
        np.testing.assert_array_equal(batch[:, 0], labels * 4)


def test_without_shuffling_the_order_stays():
    data = input_data.DataSet(IMAGES[..., np.newaxis], LABELS)
    batches = [data.next_batch(3, shuffle=False)[1].tolist() for _ in range(3)]
    assert (batches, data.epochs_completed) == ([[3, 1, 4], [1, 5, 3], [1, 4, 1]], 1)


def test_the_callers_array_is_not_shuffled():
    images = IMAGES[..., np.newaxis].copy()
    input_data.DataSet(images, LABELS, dtype=uint8, reshape=False, seed=1).next_batch(2)
    np.testing.assert_array_equal(images[..., 0], IMAGES)


def test_pixels_are_scaled():
    pixels = np.array([0, 51, 255], np.uint8).reshape(1, 1, 3, 1)
    images = input_data.DataSet(pixels, np.array([0]), dtype=float32).images
    # Recorded from TF 1.15.5: 51 is multiplied by float32(1 / 255), which is not 0.2 to the last digit.
    np.testing.assert_array_equal(images, np.array([[0, 0.20000002, 1]], np.float32))


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="Invalid image dtype .*float64.*, expected uint8 or float32"):
        input_data.DataSet(IMAGES[..., np.newaxis], LABELS, dtype=float64)


def test_every_image_needs_a_label():
    with pytest.raises(AssertionError, match=r"images.shape: \(5, 2, 3, 1\) labels.shape: \(4,\)"):
        input_data.DataSet(IMAGES[..., np.newaxis], LABELS[:4])


def test_flattening_wants_one_channel():
    with pytest.raises(AssertionError, match="one channel"):
        input_data.DataSet(np.zeros((5, 2, 3, 3), np.uint8), LABELS)
