"""The housing data and their preparation: the numbers that scikit-learn and published figures start from."""

import numpy as np
import pytest

from graphcore.datasets import boston
from graphcore.datasets.prepare import standardize, train_test_split

NAMES = ("crim", "zn", "indus", "chas", "nox", "rm", "age", "dis", "rad", "tax", "ptratio", "black", "lstat")


def test_columns_and_sizes():
    houses = boston.load()
    assert (houses.data.shape, houses.target.shape, houses.feature_names) == ((506, 13), (506,), NAMES)
    assert houses.data.dtype == houses.target.dtype == np.float64


def test_first_row_and_means():
    houses = boston.load()
    first = [0.00632, 18.0, 2.31, 0, 0.538, 6.575, 65.2, 4.09, 1, 296, 15.3, 396.9, 4.98]
    np.testing.assert_array_equal(houses.data[0], first)
    assert houses.target[0] == 24.0
    # The mean price of scikit-learn's load_boston.
    assert houses.target.mean() == pytest.approx(22.532806324110677, rel=1e-12)


def test_old_value_changes_one_number():
    differences = np.argwhere(boston.load().data != boston.load(old_value=True).data)
    assert differences.tolist() == [[445, 0]]
    assert (boston.load().data[445, 0], boston.load(old_value=True).data[445, 0]) == (10.6718, 0.6718)


def test_each_call_returns_arrays_of_its_own():
    boston.load().data[:] = 0
    assert boston.load().data.any()


def test_damaged_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "boston.csv"
    path.write_text("crim,zn,medv\n1,2\n3,4\n", encoding="ascii")
    monkeypatch.setattr(boston, "PATH", path)
    with pytest.raises(ValueError, match="3 column names but 2 columns"):
        boston.load()


def test_standardized_columns():
    features = np.array([[1, 5], [2, 5], [3, 5]], np.float32)
    # Deviation sqrt(2/3) with n, not n - 1, below; a column without any stays at zero.
    np.testing.assert_allclose(standardize(features), [[-1.2247449, 0], [0, 0], [1.2247449, 0]], rtol=1e-6)
    assert standardize(features).dtype == np.float32


def test_standardize_equals_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    features = boston.load().data.astype(np.float32)
    # Versions differ in when they round to float32: one unit in the last place of the value subtracted.
    np.testing.assert_allclose(standardize(features), preprocessing.StandardScaler().fit_transform(features), rtol=1e-6, atol=1e-6)


def test_split_equals_scikit_learn():
    model_selection = pytest.importorskip("sklearn.model_selection")
    rows = np.arange(506)
    ours = train_test_split(rows, rows * 2, test_size=0.2, random_state=123)
    theirs = model_selection.train_test_split(rows, rows * 2, test_size=0.2, random_state=123)
    assert [part.tolist() for part in ours] == [part.tolist() for part in theirs]


def test_split_as_recorded():
    # scikit-learn 1.0.2: train_test_split(range(10), test_size=.25, random_state=123)
    train, test = train_test_split(np.arange(10), test_size=0.25, random_state=123)
    assert (train.tolist(), test.tolist()) == ([5, 8, 3, 1, 6, 9, 2], [4, 0, 7])


@pytest.mark.parametrize(
    ("arrays", "test_size", "phrase"),
    [
        ((np.arange(3), np.arange(4)), 0.5, "equal length"),
        ((), 0.5, "one or more arrays"),
        ((np.arange(3),), 1.5, "between 0 and 1"),
        ((np.arange(3),), 0.9, "nothing to train on"),
    ],
)
def test_split_refuses(arrays, test_size, phrase):
    with pytest.raises(ValueError, match=phrase):
        train_test_split(*arrays, test_size=test_size)
