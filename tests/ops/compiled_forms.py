"""What the tests of compiled kernels share: the compiled form, how close it has to be, and runs with some threads."""

import sys

import numpy as np

from graphcore.core.threads import Threads
from graphcore.ops.kernels.compiled import words


def form_of(kernel, dtype):
    """The compiled form of a kernel for this dtype."""
    form = kernel.compiled(np.dtype(dtype))
    assert form is not None
    return form


def with_threads(form, count, monkeypatch, *arguments):
    """What the form gives where ``count`` threads share all work, however little it is."""
    module = sys.modules[form.__module__]
    with monkeypatch.context() as patch:
        patch.setattr(module, "_PARALLEL", 0)
        patch.setattr(words, "threads_of", lambda _: Threads(count) if count > 1 else None)
        return form(*arguments)


def assert_sums(expected, actual, sizes, length):
    """Check sums of ``length`` terms against those in float64, ``sizes`` being the sums of the terms' sizes: rounding errors alone."""
    assert actual.shape == expected.shape
    bound = (length + 2) * np.finfo(actual.dtype).eps * sizes
    wrong = ~(np.abs(actual.astype(np.float64) - expected) <= bound)
    assert not wrong.any(), (actual[wrong][:5], expected[wrong][:5])
