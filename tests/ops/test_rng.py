"""The random kernels give the streams that TensorFlow 1.15 gave (recorded by ``tests/oracle/record_rng.py``)."""
import json
import threading
import zlib
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from graphcore.ops.kernels import rng
from graphcore.ops.kernels.philox import philox

CASES = json.loads((Path(__file__).parents[1] / "oracle" / "golden" / "rng.json").read_text())
# float64 sines and powers come from the platform's C library and NumPy: their last bit may differ elsewhere.
PLATFORM = {"random_standard_normal", "truncated_normal", "random_gamma"}


def kernel(case, state):
    """Run the kernel of one recorded case."""
    op, dtype = case["op"], np.dtype(ml_dtypes.bfloat16 if case["dtype"] == "bfloat16" else case["dtype"])
    if op == "random_uniform_int":
        return rng.random_uniform_int(state, case["shape"], dtype.type(case["minval"]), dtype.type(case["maxval"]))
    if op == "random_gamma":
        return rng.random_gamma(state, case["shape"], np.array(case["alpha"], dtype), dtype)
    if op == "random_poisson":
        return rng.random_poisson(state, case["shape"], np.array(case["rate"], np.float32), dtype)
    if op == "multinomial":
        return rng.multinomial(state, np.array(case["logits"], case["logits_dtype"]), case["num_samples"], dtype)
    if op == "random_shuffle":
        return rng.random_shuffle(state, np.arange(np.prod(case["shape"], dtype=int), dtype=dtype).reshape(case["shape"]))
    return getattr(rng, op)(state, case["shape"], dtype)


def label(case):
    return "-".join(str(case[key]).replace(" ", "") for key in ("op", "dtype", "seeds", "shape", "logits") if key in case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_runs_equal_recorded_runs(case):
    state = rng.PhiloxState(*case["seeds"])
    for recorded in case["runs"]:
        result = kernel(case, state)
        assert (list(result.shape), result.dtype.name) == (recorded["shape"], case["dtype"])
        flat = result.reshape(-1).astype(np.float32 if case["dtype"] == "bfloat16" else result.dtype)
        expected = np.array(recorded["values"], flat.dtype)
        if case["dtype"] == "float64" and case["op"] in PLATFORM:
            np.testing.assert_allclose(flat[::recorded["step"]], expected, rtol=1e-15, atol=1e-15)
        else:
            np.testing.assert_array_equal(flat[::recorded["step"]], expected)
            assert zlib.crc32(flat.tobytes()) == recorded["checksum"]


# The three test vectors for Philox4x32-10 that its authors publish with the Random123 library.
@pytest.mark.parametrize("key, counter, block", [
    (0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((1 << 64) - 1, (1 << 128) - 1, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (0x299F31D0A4093822, 0x0370734413198A2E85A308D3243F6A88, "d16cfe09 94fdcceb 5001e420 24126ea1"),
])
def test_published_vectors(key, counter, block):
    assert [f"{word:08x}" for word in philox(key, counter, 1)[0]] == block.split()


@pytest.mark.parametrize("counter", [(1 << 32) - 2, (1 << 64) - 2, (1 << 96) - 2, (1 << 128) - 2])
def test_counter_carries(counter):
    together = philox(9, counter, 5)
    np.testing.assert_array_equal(together, np.concatenate([philox(9, counter + i, 1) for i in range(5)]))


def test_unseeded_states_differ():
    assert rng.PhiloxState(0, 0).key != rng.PhiloxState(0, 0).key


def test_reserve_gives_every_caller_its_own_blocks():
    state, starts = rng.PhiloxState(1, 0), []
    threads = [threading.Thread(target=lambda: starts.extend(state.reserve(3) for _ in range(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(starts) == list(range(0, 3 * 8 * 500, 3))


def test_chunks_do_not_show(monkeypatch):
    whole = [rng.truncated_normal(rng.PhiloxState(3, 4), [1001], np.float32),
             rng.random_gamma(rng.PhiloxState(3, 4), [501], np.float32([0.5, 3.0]), np.float32)]
    monkeypatch.setattr(rng, "CHUNK", 16)
    np.testing.assert_array_equal(rng.truncated_normal(rng.PhiloxState(3, 4), [1001], np.float32), whole[0])
    np.testing.assert_array_equal(
        rng.random_gamma(rng.PhiloxState(3, 4), [501], np.float32([0.5, 3.0]), np.float32), whole[1])


def test_empty_integer_range_is_an_error():
    with pytest.raises(ValueError, match="Need minval < maxval, got 3 >= 3"):
        rng.random_uniform_int(rng.PhiloxState(1, 0), [2], np.int32(3), np.int32(3))


# TF draws for ever on these.
@pytest.mark.parametrize("sample", [
    lambda state: rng.random_gamma(state, [2], np.float32([1.0, np.nan]), np.float32),
    lambda state: rng.random_gamma(state, [2], np.float32(-1), np.float32),
    lambda state: rng.random_poisson(state, [2], np.float32(np.inf), np.float32),
    lambda state: rng.random_poisson(state, [2], np.float32(1e12), np.int32),
])
def test_parameters_without_an_acceptable_sample_are_errors(sample):
    with pytest.raises(ValueError, match="no sample would ever be accepted"):
        sample(rng.PhiloxState(1, 0))


# What TF 1.15 gives for parameters at the edge.
@pytest.mark.parametrize("sample, expected", [
    (lambda state: rng.random_gamma(state, [3], np.float32(0), np.float32), [0, 0, 0]),
    (lambda state: rng.random_gamma(state, [3], np.float32(-0.5), np.float32), np.float32([2.889704, 0.4507773, 3.2694378])),
    (lambda state: rng.random_gamma(state, [3], np.float32(np.inf), np.float32), [np.inf] * 3),
    (lambda state: rng.random_gamma(state, [3], np.float32([]), np.float32), np.empty((3, 0))),
    (lambda state: rng.random_poisson(state, [3], np.float32(-4), np.float32), [0, 0, 0]),
    (lambda state: rng.multinomial(state, np.float32([[-np.inf, -np.inf], [np.nan, 1]]), 3, np.int64), [[2, 2, 2], [1, 1, 1]]),
    (lambda state: rng.multinomial(state, np.empty((0, 2)), 3, np.int64), np.empty((0, 3))),
    (lambda state: rng.random_uniform_int(state, [0], np.int32(3), np.int32(3)), []),
    (lambda state: rng.random_shuffle(state, np.int32(3)), 3),
])
@pytest.mark.filterwarnings("error")
def test_edges(sample, expected):
    np.testing.assert_array_equal(sample(rng.PhiloxState(1, 0)), expected)


def test_no_classes_is_an_error():
    with pytest.raises(ValueError, match="num_classes should be positive, got 0"):
        rng.multinomial(rng.PhiloxState(1, 0), np.empty((2, 0)), 3, np.int64)


def test_a_single_row_is_not_shuffled_and_draws_nothing():
    state = rng.PhiloxState(1, 0)
    rng.random_shuffle(state, np.zeros((1, 4)))
    assert state.counter == 0
