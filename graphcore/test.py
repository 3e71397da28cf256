"""``tf.test``: test cases, gradients checked by numbers, and what the build can do."""

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


def is_built_with_gpu_support():
    """Whether GPUs can be used: no."""
    return False


def is_built_with_rocm():
    """Whether AMD's GPUs can be used: no."""
    return False


def get_temp_dir():
    """A directory for the files of tests, made when first asked for and deleted at the end of the program."""
    from graphcore import testing

    return testing.get_temp_dir()


def main(argv=None):
    """Run the tests of the program, and exit with 0 if all pass; flags that `tf.flags` defines are parsed before."""
    from absl.testing import absltest

    from graphcore import app

    app.run(main=lambda arguments: absltest.main(argv=arguments), argv=argv)


def __getattr__(name):
    """`TestCase` brings unittest and absl along: it is loaded when a program asks for it."""
    if name == "TestCase":
        from graphcore.testing import TestCase

        return TestCase
    if name == "mock":
        from unittest import mock

        return mock
    raise AttributeError(f"module 'graphcore.test' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), "TestCase", "mock"})
