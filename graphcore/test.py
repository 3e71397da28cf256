"""``tf.test``: gradients checked by numbers, and what the build can do."""

# ruff: noqa: F401
from graphcore.autodiff.check import compute_gradient, compute_gradient_error


def is_built_with_cuda():
    """Whether GPUs can be used: no."""
    return False


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """Whether there is a GPU to run on: no."""
    return False


def gpu_device_name():
    """The name of a GPU; empty, there is none."""
    return ""
