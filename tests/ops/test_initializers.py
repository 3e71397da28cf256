"""Initializers: values (TF 1.15's for graph seed 42), shapes, dtypes, configurations and complaints."""
import numpy as np
import pytest

import graphcore as tf
from graphcore.core.shapes import TensorShape
from graphcore.ops import initializers as init
from graphcore.ops.random_seed import set_random_seed

GLOROT = [[0.30212295, -0.7438539], [-0.6713916, -0.5415863], [-0.39586633, -0.7925927]]
DRAWN = [  # (name, arguments, what TF gives for the shape [3, 2])
    ("zeros", (), [[0, 0], [0, 0], [0, 0]]),
    ("ones", (tf.int32,), [[1, 1], [1, 1], [1, 1]]),
    ("constant", ([1, 2],), [[1, 2], [2, 2], [2, 2]]),
    ("random_uniform", (-1, 1), [[0.27579927, -0.6790426], [-0.6128938, -0.49439836], [-0.36137486, -0.7235348]]),
    ("random_normal", (1.0, 2.0), [[2.604291, 2.011358], [4.6240253, 0.93621755], [3.3069808, 2.9520545]]),
    ("truncated_normal", (), [[0.8021455, 0.505679], [1.8120127, -0.03189123], [0.36362436, -0.3596657]]),
    ("uniform_unit_scaling", (), [[0.27579927, -0.6790426], [-0.6128938, -0.49439836], [-0.36137486, -0.7235348]]),
    ("variance_scaling", (), [[0.52649546, 0.331907], [1.1893309, -0.0209321], [0.23866816, -0.23606984]]),
    ("variance_scaling", (2.0, "fan_avg", "uniform"),
     [[0.42726636, -1.0519683], [-0.949491, -0.7659187], [-0.55983955, -1.1208954]]),
    ("variance_scaling", (2.0, "fan_out", "untruncated_normal"),
     [[0.8021455, 0.505679], [1.8120127, -0.03189123], [1.1534904, 0.9760273]]),
    ("glorot_uniform", (), GLOROT),
    ("glorot_normal", (3,), [[0.5767469, 0.36358592], [1.3028468, -0.02292996], [0.26144788, -0.25860155]]),
    ("he_normal", (), [[0.744577, 0.46938738], [1.681968, -0.02960246], [0.33752772, -0.33385316]]),
    ("he_uniform", (), [[0.3900391, -0.9603112], [-0.86676276, -0.69918483], [-0.5110612, -1.0232327]]),
    ("lecun_normal", (), [[0.52649546, 0.331907], [1.1893309, -0.0209321], [0.23866816, -0.23606984]]),
    ("lecun_uniform", (), [[0.27579927, -0.6790426], [-0.6128938, -0.49439836], [-0.36137486, -0.7235348]]),
    ("orthogonal", (), [[0.3498397, 0.3147132], [0.79027295, -0.6049381], [0.5030717, 0.7314407]]),
    ("identity", (), [[1, 0], [0, 1], [0, 0]]),
]


def run(tensor):
    with tf.Session() as session:
        return session.run(tensor)


@pytest.mark.parametrize("name, arguments, expected", DRAWN)
def test_values(name, arguments, expected):
    set_random_seed(42)
    # A QR decomposition adds up the rounding of its whole matrix.
    tolerance = 3e-6 if name == "orthogonal" else 5e-7
    np.testing.assert_allclose(run(init.NAMESPACE[name](*arguments)([3, 2])), expected, rtol=tolerance, atol=tolerance)


def test_dtype_of_the_call_wins():
    assert run(init.Constant(3, tf.int32)([2], tf.float64)).dtype == np.float64
    assert init.GlorotUniform()([2, 2], tf.float64).dtype == tf.float64


def test_glorot_forgets_its_dtype_as_in_tensorflow():
    assert init.glorot_uniform_initializer(dtype=tf.float64).dtype == tf.float32


def test_zeros_of_strings_and_booleans():
    assert run(init.Zeros()([2], tf.string)).tolist() == [b"", b""]
    assert run(init.Zeros(tf.bool)([2])).tolist() == [False, False]


def test_window_and_channels_of_a_convolution():
    set_random_seed(42)
    values = run(init.VarianceScaling(seed=1)(TensorShape([2, 2, 1, 3])))
    np.testing.assert_allclose(values[0, 0, 0], [-0.8526053, -0.7060103, 0.29718974], rtol=2e-6)
    assert init.fans([5, 5, 32, 64]) == (800, 1600)
    assert init.fans([]) == (1, 1)
    assert init.fans([7]) == (7, 7)


def test_orthogonal_of_a_wide_shape_has_orthonormal_rows():
    values = run(init.Orthogonal(2.0, seed=1, dtype=tf.float64)([2, 2, 5])).reshape(4, 5)
    np.testing.assert_allclose(values @ values.T, 4 * np.eye(4), atol=1e-12)


def test_orthogonal_in_float64():
    expected = [[-0.87581414, -1.77447979, -0.29012251], [1.33038057, -0.85661878, 1.22323007],
                [1.20956071, -0.34267442, -1.55548614]]
    set_random_seed(42)
    np.testing.assert_allclose(run(init.Orthogonal(2.0, dtype=tf.float64, seed=3)([3, 3])), expected, atol=1e-8)


def test_parts_of_a_partitioned_variable_scale_with_the_whole():
    class Part:
        full_shape, var_offset = [4, 6], [2, 0]

    whole, part = init.UniformUnitScaling(seed=1), init.UniformUnitScaling(seed=1)
    np.testing.assert_array_equal(run(whole([4, 6]))[:2], run(part([2, 6], partition_info=Part)))
    np.testing.assert_array_equal(run(init.Identity()([2, 6], partition_info=Part)), np.eye(4, 6)[2:])


@pytest.mark.parametrize("made, config", [
    (init.Zeros(), {"dtype": "float32"}),
    (init.Constant([1, 2]), {"value": [1, 2], "dtype": "float32"}),
    (init.RandomUniform.from_config({"minval": 1, "seed": 2}), {"minval": 1, "maxval": None, "seed": 2, "dtype": "float32"}),
    (init.RandomNormal(), {"mean": 0.0, "stddev": 1.0, "seed": None, "dtype": "float32"}),
    (init.UniformUnitScaling(), {"factor": 1.0, "seed": None, "dtype": "float32"}),
    (init.VarianceScaling(distribution="normal"),
     {"scale": 1.0, "mode": "fan_in", "distribution": "normal", "seed": None, "dtype": "float32"}),
    (init.GlorotNormal(seed=3), {"seed": 3, "dtype": "float32"}),
    (init.Orthogonal(), {"gain": 1.0, "seed": None, "dtype": "float32"}),
    (init.Identity(), {"gain": 1.0, "dtype": "float32"})])
def test_configuration(made, config):
    assert made.get_config() == config
    assert type(made).from_config(config).get_config() == config


@pytest.mark.parametrize("make, error, phrase", [
    (lambda: init.VarianceScaling(0.0), ValueError, "`scale` must be positive float."),
    (lambda: init.VarianceScaling(1.0, "x"), ValueError, "Invalid `mode` argument:"),
    (lambda: init.VarianceScaling(1.0, distribution="x"), ValueError, "Invalid `distribution` argument:"),
    (lambda: init.VarianceScaling(1.0, dtype=tf.int32), ValueError, "Expected floating point type, got <dtype: 'int32'>."),
    (lambda: init.RandomNormal(dtype=tf.int32), ValueError, "Expected floating point type"),
    (lambda: init.Constant(tf.constant(1)), TypeError, "Invalid type for initial value:"),
    (lambda: init.Constant([1, 2, 3])([2]), ValueError, "Too many elements provided. Needed at most 2, but received 3"),
    (lambda: init.Constant([1, 2, 3], verify_shape=True)([4]), TypeError, r"Expected Tensor's shape: \(4,\), got \(3,\)."),
    (lambda: init.Orthogonal()([3]), ValueError, "must be at least two-dimensional"),
    (lambda: init.Identity()([2]), ValueError, "Identity matrix initializer can only be used for 2D matrices."),
    (lambda: init.Initializer()([2]), NotImplementedError, "Initializer")])
def test_complaints(make, error, phrase):
    with pytest.raises(error, match=phrase):
        make()
