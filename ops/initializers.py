"""Initializers: objects that make the first value of a variable from its shape and dtype."""

import math

import numpy as np

from graphcore.core import dtypes
from graphcore.core.dtypes import as_dtype
from graphcore.core.shapes import TensorShape
from graphcore.ops import arithmetic, arrays, constants, diagonals, linalg, random, sequences

# The standard deviation of a standard normal variable cut off at -2 and 2.
_TRUNCATED_DEVIATION = 0.87962566103423978


class Initializer:
    """Base of all initializers: ``initializer(shape, dtype=None, partition_info=None)`` gives the tensor.

    Without ``dtype`` the initializer's own is taken.  ``partition_info`` tells where a part of a partitioned variable
    lies: ``full_shape`` and ``var_offset``.
    """

    def __call__(self, shape, dtype=None, partition_info=None):
        raise NotImplementedError(f"{type(self).__name__} does not say what to start from: define __call__(shape, dtype, "
                                  "partition_info)")

    def get_config(self):
        """The arguments that make an equal initializer, as a dict that JSON can hold."""
        return {}

    @classmethod
    def from_config(cls, config):
        """The initializer that gave this `get_config`."""
        return cls(**config)


class Zeros(Initializer):
    """Zeros of any dtype; empty strings and False included."""

    def __init__(self, dtype=dtypes.float32):
        self.dtype = as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return sequences.zeros(shape, self.dtype if dtype is None else dtype)

    def get_config(self):
        return {"dtype": self.dtype.name}


class Ones(Zeros):
    """Ones of any dtype."""

    def __call__(self, shape, dtype=None, partition_info=None):
        return sequences.ones(shape, self.dtype if dtype is None else dtype)


class Constant(Initializer):
    """The given value, or list of values of which the last is repeated to fill the shape.

    Args:
      value: a Python scalar, a list or tuple, or an array.
      dtype: the DType where the call names none.
      verify_shape: whether ``value`` must have exactly the shape asked for (TypeError when not).

    Raises:
      TypeError: ``value`` is something else, such as a tensor.
      ValueError: (when called) more values than the shape holds.
    """

    def __init__(self, value=0, dtype=dtypes.float32, verify_shape=False):
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(f"Invalid type for initial value: {type(value)} (expected Python scalar, list or tuple of values, "
                            "or numpy.ndarray).")
        self.value = value
        self.dtype = as_dtype(dtype)
        self._verify_shape = verify_shape

    def __call__(self, shape, dtype=None, partition_info=None, verify_shape=None):
        return constants.constant(self.value, self.dtype if dtype is None else dtype, shape,
                                  verify_shape=self._verify_shape if verify_shape is None else verify_shape)

    def get_config(self):
        return {"value": self.value, "dtype": self.dtype.name}


# ---------------------------------------------------------------- drawn from a given distribution


class RandomUniform(Initializer):
    """Values drawn evenly from [minval, maxval); ``maxval`` defaults to 1 for floats."""

    def __init__(self, minval=0, maxval=None, seed=None, dtype=dtypes.float32):
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return random.random_uniform(shape, self.minval, self.maxval, self.dtype if dtype is None else dtype, seed=self.seed)

    def get_config(self):
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed, "dtype": self.dtype.name}


class RandomNormal(Initializer):
    """Values drawn from the normal distribution of this mean and standard deviation; floating types only."""

    _draw = staticmethod(random.random_normal)

    def __init__(self, mean=0.0, stddev=1.0, seed=None, dtype=dtypes.float32):
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return self._draw(shape, self.mean, self.stddev, self.dtype if dtype is None else dtype, seed=self.seed)

    def get_config(self):
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed, "dtype": self.dtype.name}


class TruncatedNormal(RandomNormal):
    """Like `RandomNormal`, but values two standard deviations or more from the mean are drawn anew."""

    _draw = staticmethod(random.truncated_normal)


# ---------------------------------------------------------------- drawn to suit the shape


class UniformUnitScaling(Initializer):
    """Evenly drawn values that keep the variance of a layer's inputs: within ``factor * sqrt(3 / inputs)`` of 0.

    The number of inputs is the product of all dimensions but the last.
    """

    def __init__(self, factor=1.0, seed=None, dtype=dtypes.float32):
        self.factor, self.seed = factor, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        inputs = math.prod(float(size) for size in _whole_shape(shape, partition_info)[:-1])
        limit = math.sqrt(3 / max(inputs, 1.0)) * self.factor
        return random.random_uniform(shape, -limit, limit, self.dtype if dtype is None else dtype, seed=self.seed)

    def get_config(self):
        return {"factor": self.factor, "seed": self.seed, "dtype": self.dtype.name}


class VarianceScaling(Initializer):
    """Values of variance ``scale / n``, where n counts the inputs or outputs of a layer with such weights.

    Args:
      scale: a positive number.
      mode: ``"fan_in"`` (n is the number of inputs), ``"fan_out"`` (of outputs) or ``"fan_avg"`` (their mean).
      distribution: ``"truncated_normal"`` (or ``"normal"``, its old name), ``"untruncated_normal"`` or ``"uniform"``.

    Raises:
      ValueError: another mode or distribution, a ``scale`` that is not positive, a dtype that is not floating.
    """

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None, dtype=dtypes.float32):
        if scale <= 0.0:
            raise ValueError("`scale` must be positive float.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError("Invalid `mode` argument:", mode)
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError("Invalid `distribution` argument:", distribution)
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        dtype = self.dtype if dtype is None else dtype
        inputs, outputs = fans(_whole_shape(shape, partition_info))
        units = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2.0}[self.mode]
        variance = self.scale / max(1.0, units)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.random_uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.random_normal(shape, 0.0, math.sqrt(variance), dtype, seed=self.seed)
        # Cutting the tails off narrows the distribution: draw from a wider one.
        return random.truncated_normal(shape, 0.0, math.sqrt(variance) / _TRUNCATED_DEVIATION, dtype, seed=self.seed)

    def get_config(self):
        return {"scale": self.scale, "mode": self.mode, "distribution": self.distribution, "seed": self.seed,
                "dtype": self.dtype.name}


class GlorotUniform(VarianceScaling):
    """Evenly drawn values within ``sqrt(6 / (inputs + outputs))`` of 0 (Glorot and Bengio 2010, "Xavier")."""

    def __init__(self, seed=None, dtype=dtypes.float32):
        # TF 1.15 leaves `dtype` out here: the default stays float32.
        super().__init__(1.0, "fan_avg", "uniform", seed)

    def get_config(self):
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(VarianceScaling):
    """Truncated normal values of variance ``2 / (inputs + outputs)`` (Glorot and Bengio 2010, "Xavier")."""

    def __init__(self, seed=None, dtype=dtypes.float32):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)

    get_config = GlorotUniform.get_config


def lecun_normal(seed=None):
    """Truncated normal values of variance ``1 / inputs`` (LeCun and others 1998)."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed=None):
    """Evenly drawn values of variance ``1 / inputs`` (LeCun and others 1998)."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


def he_normal(seed=None):
    """Truncated normal values of variance ``2 / inputs``, for ReLU layers (He and others 2015)."""
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed=None):
    """Evenly drawn values of variance ``2 / inputs``, for ReLU layers (He and others 2015)."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


# ---------------------------------------------------------------- matrices


class Orthogonal(Initializer):
    """A random matrix with orthonormal columns (or rows, when it has fewer of them), times ``gain``.

    More dimensions are flattened into rows, all but the last.  ValueError for a shape of fewer than two.
    """

    def __init__(self, gain=1.0, seed=None, dtype=dtypes.float32):
        self.gain, self.seed = gain, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        if len(shape) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        rows, columns = math.prod(int(size) for size in shape[:-1]), int(shape[-1])
        tall = (max(rows, columns), min(rows, columns))
        drawn = random.random_normal(tall, dtype=self.dtype if dtype is None else dtype, seed=self.seed)
        from graphcore.ops import decompositions  # of this initializer alone

        q, r = decompositions.Qr.build(drawn, full_matrices=False)
        # A factorisation with a positive diagonal is unique: so q is spread evenly over all orthogonal matrices.
        q = q * arithmetic.sign(diagonals.diag_part(r))
        if rows < columns:
            q = linalg.matrix_transpose(q)
        return self.gain * arrays.reshape(q, shape)

    def get_config(self):
        return {"gain": self.gain, "seed": self.seed, "dtype": self.dtype.name}


class Identity(Initializer):
    """The identity matrix times ``gain``; ValueError for a shape that is not of two dimensions."""

    def __init__(self, gain=1.0, dtype=dtypes.float32):
        self.gain = gain
        self.dtype = _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        whole = _whole_shape(shape, partition_info)
        if len(whole) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        sizes = whole.as_list() if isinstance(whole, TensorShape) else whole
        matrix = diagonals.eye(*sizes, dtype=self.dtype if dtype is None else dtype)
        if partition_info is not None:
            from graphcore.ops import slicing  # only parts of partitioned variables need it

            matrix = slicing.slice(matrix, partition_info.var_offset, shape)
        return self.gain * matrix

    def get_config(self):
        return {"gain": self.gain, "dtype": self.dtype.name}


# ---------------------------------------------------------------- shared


def fans(shape):
    """(inputs, outputs) of a layer with weights of this shape; the dimensions before the last two are a window."""
    sizes = [int(size) for size in shape]
    if not sizes:
        return 1, 1
    if len(sizes) == 1:
        return sizes[0], sizes[0]
    window = math.prod(sizes[:-2])
    return sizes[-2] * window, sizes[-1] * window


def _whole_shape(shape, partition_info):
    return shape if partition_info is None else partition_info.full_shape


def _floating(dtype):
    dtype = as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype}.")
    return dtype


zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
random_uniform_initializer = RandomUniform
random_normal_initializer = RandomNormal
truncated_normal_initializer = TruncatedNormal
uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling_initializer = VarianceScaling
glorot_uniform_initializer = GlorotUniform
glorot_normal_initializer = GlorotNormal
orthogonal_initializer = Orthogonal

# What `tf.initializers` offers under its short names.
NAMESPACE = {"zeros": Zeros, "ones": Ones, "constant": Constant, "random_uniform": RandomUniform,
             "random_normal": RandomNormal, "truncated_normal": TruncatedNormal, "uniform_unit_scaling": UniformUnitScaling,
             "variance_scaling": VarianceScaling, "orthogonal": Orthogonal, "identity": Identity,
             "glorot_uniform": GlorotUniform, "glorot_normal": GlorotNormal, "he_normal": he_normal,
             "he_uniform": he_uniform, "lecun_normal": lecun_normal, "lecun_uniform": lecun_uniform}

__all__ = ["constant_initializer", "glorot_normal_initializer", "glorot_uniform_initializer", "ones_initializer",
           "orthogonal_initializer", "random_normal_initializer", "random_uniform_initializer",
           "truncated_normal_initializer", "uniform_unit_scaling_initializer", "variance_scaling_initializer",
           "zeros_initializer"]
