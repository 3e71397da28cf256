"""`TestCase`: test cases of graph programs, with sessions and comparisons of arrays."""

import atexit
import collections.abc
import contextlib
import os
import random
import re
import shutil
import sys
import tempfile

import ml_dtypes
import numpy as np
from absl.testing import absltest

from graphcore.core import errors, scopes
from graphcore.core.convert import is_tensor_like
from graphcore.ops.random_seed import DEFAULT_GRAPH_SEED, set_random_seed
from graphcore.session.session import Session

_directory = None


def get_temp_dir():
    """A directory for the files of tests, made when first asked for and deleted at the end of the program."""
    global _directory
    if _directory is None:
        script = os.path.splitext(os.path.basename(sys.argv[0]))[0]
        _directory = tempfile.mkdtemp(prefix=os.environ.get("TEST_TMPDIR") or os.path.join(tempfile.gettempdir(), script))
        atexit.register(shutil.rmtree, _directory, ignore_errors=True)
    return _directory


class TestCase(absltest.TestCase):
    """A test case in which each test begins with an empty default graph and the same seeds.

    Values in comparisons may be tensors: they are evaluated in the default session.
    """

    def __init__(self, methodName="runTest"):
        super().__init__(methodName)
        self._tempdir = self._cached = None

    def setUp(self):
        """Empty the default graph, seed it and the generators of Python and NumPy."""
        super().setUp()
        self._close_cached()
        random.seed(DEFAULT_GRAPH_SEED)
        np.random.seed(DEFAULT_GRAPH_SEED)
        scopes.graph_stack.clear()
        set_random_seed(DEFAULT_GRAPH_SEED)
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def tearDown(self):
        """Close the session of the test."""
        self._close_cached()
        super().tearDown()

    def _close_cached(self):
        if self._cached is not None:
            self._cached[0].close()
            self._cached = None

    def get_temp_dir(self):
        """A directory for the files of this test."""
        if self._tempdir is None:
            self._tempdir = tempfile.mkdtemp(dir=get_temp_dir())
        return self._tempdir

    # ---------------------------------------------------------------- sessions
    @contextlib.contextmanager
    def session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """A new session, default with its graph inside the ``with`` block, and closed after it."""
        with Session(graph=graph, config=config) as session, self._placed(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def cached_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """The session of this test, the same one each time; it is closed when the test ends.

        Raises:
          ValueError: another graph or config than the first time.
        """
        with self._default(self._cached_for(graph, config, force_gpu, strict=True), use_gpu, force_gpu) as session:
            yield session

    @contextlib.contextmanager
    def test_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """The old form of `cached_session` (without ``graph``) and `session` (with one)."""
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")
        if graph is not None:
            with self.session(graph, config, use_gpu, force_gpu) as session:
                yield session
            return
        with self._default(self._cached_for(None, config, force_gpu, strict=False), use_gpu, force_gpu) as session:
            yield session

    def _cached_for(self, graph, config, force_gpu, strict):
        asked = graph, config, force_gpu
        if self._cached is None:
            self._cached = Session(graph=graph, config=config), asked
        elif strict and self._cached[1] != asked:
            for which, first, now in zip(("graph", "config", "force_gpu value"), self._cached[1], asked):
                if first is not now and first != now:
                    raise ValueError(f"The {which} used to get the cached session is different than the one that was used to create "
                                     "the session. Maybe create a new session with self.session()")
        return self._cached[0]

    @contextlib.contextmanager
    def _default(self, session, use_gpu, force_gpu):
        with session.graph.as_default(), scopes.session_stack.pushed(session), self._placed(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def _placed(self, session, use_gpu, force_gpu):
        """What is built inside is put on the CPU, unless a GPU is asked for, which will be refused when it runs."""
        device = "/device:GPU:0" if force_gpu else None if use_gpu else "/device:CPU:0"
        with session.graph.device(device) if device else contextlib.nullcontext():
            yield

    def evaluate(self, tensors):
        """The values of tensors, or of a nested structure of them, in the default session."""
        session = scopes.get_default_session()
        if session is None:
            with self.test_session() as session:
                return session.run(tensors)
        return session.run(tensors)

    # ---------------------------------------------------------------- comparisons
    def _array(self, value):
        if is_tensor_like(value):
            value = self.evaluate(value)
        return value if isinstance(value, np.ndarray) else np.array(value)

    def assertAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        """Fail unless all of ``a`` and ``b``, arrays or nested structures of them, are equal up to the tolerances."""
        self._assert_close(a, b, rtol, atol, "", msg or "")

    def _assert_close(self, a, b, rtol, atol, path, msg):
        a, b = [value._asdict() if hasattr(value, "_asdict") else value for value in (a, b)]
        if isinstance(a, collections.abc.Mapping) != isinstance(b, collections.abc.Mapping):
            raise ValueError(f"Can't compare dict to non-dict, a{path} vs b{path}. {msg}")
        if isinstance(a, collections.abc.Mapping):
            self.assertCountEqual(a.keys(), b.keys(), f"mismatched keys: a{path} and b{path}. {msg}")
            for key in a:
                self._assert_close(a[key], b[key], rtol, atol, f"{path}[{key}]", msg)
            return
        try:
            arrays = self._array(a), self._array(b)
        except (ValueError, TypeError):
            arrays = None
        if arrays is None or (isinstance(a, (list, tuple)) and arrays[0].dtype == object):
            self._assert_items_close(a, b, rtol, atol, path, msg)
        else:
            self._assert_arrays_close(*arrays, rtol, atol, f"Mismatched value: a{path} is different from b{path}. {msg}")

    def _assert_items_close(self, a, b, rtol, atol, path, msg):
        if len(a) != len(b):
            raise ValueError(f"Mismatched length: a{path} has {len(a)} items, but b{path} has {len(b)} items. {msg}")
        for number, (left, right) in enumerate(zip(a, b)):
            self._assert_close(left, right, rtol, atol, f"{path}[{number}]", msg)

    def _assert_arrays_close(self, a, b, rtol, atol, msg):
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape} with contents {b}.")
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        wrong = (np.abs(a - b) > atol + rtol * np.abs(b)) | (np.isnan(a) != np.isnan(b))
        left, right = (a[wrong], b[wrong]) if a.ndim else (a, b)
        lines = [msg, f"not close where = {np.where(wrong)}"] if a.ndim else [msg]
        lines += [f"not close lhs = {left}", f"not close rhs = {right}", f"not close dif = {np.abs(left - right)}",
                  f"not close tol = {atol + rtol * np.abs(right)}", f"dtype = {a.dtype}, shape = {a.shape}"]
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg="\n".join(lines), equal_nan=True)

    def assertAllCloseAccordingToType(self, a, b, rtol=1e-6, atol=1e-6, float_rtol=1e-6, float_atol=1e-6, half_rtol=1e-3,
                                      half_atol=1e-3, bfloat16_rtol=1e-2, bfloat16_atol=1e-2, msg=None):
        """As `assertAllClose`, with the wider tolerances of the narrowest type that occurs."""
        a, b = self._array(a), self._array(b)
        for types, type_rtol, type_atol in (((np.float32, np.complex64), float_rtol, float_atol), ((np.float16,), half_rtol, half_atol),
                                            ((ml_dtypes.bfloat16,), bfloat16_rtol, bfloat16_atol)):
            if any(array.dtype == each for array in (a, b) for each in types):
                rtol, atol = max(rtol, type_rtol), max(atol, type_atol)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNotAllClose(self, a, b, **kwargs):
        """Fail if `assertAllClose` would not."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    def assertAllEqual(self, a, b, msg=None):
        """Fail unless ``a`` and ``b`` have the same shape and elements; NaN equals NaN."""
        a, b = self._array(a), self._array(b)
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}. Contents: {b}. \n{msg or ''}.")
        same = a == b
        if a.dtype.kind == "f" or a.dtype == ml_dtypes.bfloat16:
            same |= (a != a) & (b != b)
        if not np.all(same):
            left, right = (a[~same], b[~same]) if a.ndim else (a, b)
            lines = [msg or "", f"not equal where = {np.where(~same)}", f"not equal lhs = {left}", f"not equal rhs = {right}"]
            raise AssertionError("Arrays are not equal\n" + "\n".join(lines))

    def assertNotAllEqual(self, a, b, msg=None):
        """Fail if `assertAllEqual` would not."""
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements")

    def assertShapeEqual(self, np_array, tf_tensor, msg=None):
        """Fail unless the array has the static shape of the tensor."""
        if not isinstance(np_array, (np.ndarray, np.generic)):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not is_tensor_like(tf_tensor):
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg=msg)

    def assertDTypeEqual(self, target, expected_dtype):
        """Fail unless the array or tensor has that dtype."""
        found, wanted = self._array(target).dtype, np.dtype(getattr(expected_dtype, "as_numpy_dtype", expected_dtype))
        self.assertEqual(found, wanted, f"found {found}, expected {wanted}")

    def assertNear(self, f1, f2, err, msg=None):
        """Fail unless two numbers differ by ``err`` at most."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, f"{f1:f} != {f2:f} +/- {err:f}" + (f" ({msg})" if msg is not None else ""))

    def assertArrayNear(self, farray1, farray2, err, msg=None):
        """Fail unless two lists of numbers differ by ``err`` at most in each place."""
        self.assertEqual(len(farray1), len(farray2), msg=msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg=msg)

    def assertNDArrayNear(self, ndarray1, ndarray2, err, msg=None):
        """Fail unless the norm of the difference of two arrays is below ``err``."""
        self.assertTrue(np.linalg.norm(ndarray1 - ndarray2) < err, msg=msg)

    def assertAllGreater(self, a, comparison_target):
        """Fail unless every element is greater."""
        self.assertGreater(np.min(self._array(a)), comparison_target)

    def assertAllGreaterEqual(self, a, comparison_target):
        """Fail unless every element is greater or equal."""
        self.assertGreaterEqual(np.min(self._array(a)), comparison_target)

    def assertAllLess(self, a, comparison_target):
        """Fail unless every element is less."""
        self.assertLess(np.max(self._array(a)), comparison_target)

    def assertAllLessEqual(self, a, comparison_target):
        """Fail unless every element is less or equal."""
        self.assertLessEqual(np.max(self._array(a)), comparison_target)

    def assertAllInSet(self, target, expected_set):
        """Fail unless every element is in the set."""
        strange = np.setdiff1d(self._array(target).flatten(), list(expected_set))
        if np.size(strange):
            raise AssertionError(f"{np.size(strange)} unique element(s) are not in the set {expected_set}: {strange}")

    def assertAllInRange(self, target, lower_bound, upper_bound, open_lower_bound=False, open_upper_bound=False):
        """Fail unless every element is between the bounds, which are open or count as inside; NaN fails."""
        target = self._array(target)
        if target.dtype.kind not in "fiu":
            raise AssertionError(f"The value of {target} does not have an ordered numeric type, instead it has type: {target.dtype}")
        low = target > lower_bound if open_lower_bound else target >= lower_bound
        high = target < upper_bound if open_upper_bound else target <= upper_bound
        outside = ~(low & high)
        if outside.any():
            shown = f"{'(' if open_lower_bound else '['}{lower_bound}, {upper_bound}{')' if open_upper_bound else ']'}"
            raise AssertionError(f"{outside.sum()} of the {target.size} element(s) are outside the range {shown}. Subscript(s) and "
                                 f"value(s) of the offending elements: {np.argwhere(outside)[:10].tolist()} {target[outside][:10]}")

    # ---------------------------------------------------------------- errors
    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type, expected_err_re_or_predicate):
        """Fail unless the block raises such an exception, whose message has the regular expression or satisfies the predicate."""
        expected = expected_err_re_or_predicate
        try:
            yield
        except exception_type as error:
            message = error.message if isinstance(error, errors.OpError) else str(error)
            matches = expected(error) if callable(expected) else re.search(expected, message)
            if not matches:
                raise AssertionError(f"Exception of type {type(error)}: {error}") from error
        else:
            self.fail(f"{getattr(exception_type, '__name__', exception_type)} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate):
        """Fail unless the block raises a `tf.errors.OpError` whose message has the regular expression."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    def assertProtoEquals(self, expected_message_maybe_ascii, message, msg=None):
        """Fail unless a message equals another, or its text form."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            from google.protobuf import text_format

            expected = text_format.Merge(expected, type(message)())
        self.assertEqual(expected, message, msg)
