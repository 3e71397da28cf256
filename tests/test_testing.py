"""`tf.test.TestCase`: sessions, seeds and comparisons."""

import collections
import os
import subprocess
import sys

import numpy as np
import pytest

import graphcore as tf
from tests.sources import ROOT

Pair = collections.namedtuple("Pair", ["a", "b"])


class Case(tf.test.TestCase):
    """A case without tests: its methods are tried below."""

    __test__ = False    # pytest would take `test_session` for one

    def runTest(self):
        """Nothing."""


@pytest.fixture
def case():
    """A case between setUp and tearDown."""
    made = Case()
    made.setUp()
    yield made
    made.tearDown()


def test_setup_seeds_and_empties():
    numbers = []
    for _ in range(2):
        tf.constant(1)
        made = Case()
        made.setUp()
        assert tf.get_default_graph().get_operations() == [] and tf.get_default_graph().seed == 87654321
        with made.session() as session:
            numbers.append((np.random.rand(), session.run(tf.random_uniform([]))))
        made.tearDown()
    assert numbers[0] == numbers[1]


def test_cached_session_is_one_session_and_keeps_variables(case):
    with case.cached_session() as first:
        variable = tf.Variable(3.0)
        variable.initializer.run()
    with case.test_session() as second:
        assert second is first and variable.eval() == 3.0
    with pytest.raises(ValueError, match="The graph used to get the cached session is different"), case.cached_session(tf.Graph()):
        pass


def test_session_is_new_and_default_with_its_graph(case):
    graph = tf.Graph()
    with case.session(graph=graph) as session, case.session(graph=graph) as other:
        assert other is not session and tf.get_default_graph() is graph
        assert tf.constant(2).eval() == 2 and tf.constant(2).device == "/device:CPU:0"
    with case.test_session(graph=graph) as session:
        assert session.graph is graph


def test_close(case):
    with case.cached_session():
        case.assertAllClose([1.0, 2.0], tf.constant([1.0, 2.0 + 1e-7]))
        case.assertAllClose({"a": [1.0, (2.0, [3.0, 4.0])], "b": Pair(1, 2)}, {"a": [1.0, (2.0, [3.0, 4.0])], "b": Pair(1.0, 2.0)})
        case.assertAllClose(np.nan, np.nan)
        case.assertNotAllClose([1.0], [1.1])
        case.assertAllCloseAccordingToType(np.float16(1), np.float16(1.0009765))
    with pytest.raises(AssertionError, match="not close where"):
        case.assertAllClose([1.0, 2.0], [1.0, 2.1])
    with pytest.raises(AssertionError, match="Shape mismatch: expected \\(2,\\), got \\(1,\\)"):
        case.assertAllClose([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="Can't compare dict to non-dict"):
        case.assertAllClose({"a": 1}, [1])
    with pytest.raises(AssertionError):
        case.assertNotAllClose([1.0], [1.0])


def test_equal(case):
    case.assertAllEqual(tf.constant([1, 2]), [1, 2])
    case.assertAllEqual([np.nan, 1.0], [np.nan, 1.0])
    case.assertAllEqual([b"a"], np.array([b"a"], object))
    case.assertNotAllEqual([1], [2])
    with pytest.raises(AssertionError, match="not equal lhs = \\[2\\]"):
        case.assertAllEqual([1, 2], [1, 3])
    with pytest.raises(AssertionError, match="Shape mismatch"):
        case.assertAllEqual([1, 2], [1])


def test_shapes_types_and_ranges(case):
    case.assertShapeEqual(np.zeros([2, 3]), tf.zeros([2, 3]))
    case.assertDTypeEqual(np.zeros(2, np.int8), tf.int8)
    case.assertAllGreater([2, 3], 1)
    case.assertAllLessEqual([2, 3], 3)
    case.assertAllInSet([1, 2, 1], {1, 2})
    case.assertAllInRange([1.0, 2.0], 1.0, 2.0)
    case.assertNear(1.0, 1.05, 0.1)
    case.assertArrayNear([1.0], [1.05], 0.1)
    case.assertNDArrayNear(np.ones(2), np.ones(2), 0.1)
    for fails in (lambda: case.assertShapeEqual(np.zeros([2]), tf.zeros([3])), lambda: case.assertAllInSet([3], {1}),
                  lambda: case.assertAllInRange([1.0, np.nan], 0.0, 2.0), lambda: case.assertAllInRange([1.0], 1.0, 2.0, True),
                  lambda: case.assertNear(1, 2, 0.1), lambda: case.assertDTypeEqual(np.zeros(2), tf.int8)):
        with pytest.raises(AssertionError):
            fails()
    with pytest.raises(TypeError, match="np_array must be a Numpy ndarray or Numpy scalar"):
        case.assertShapeEqual([1], tf.zeros([1]))


def test_errors(case):
    with case.cached_session(), case.assertRaisesOpError("must feed a value"):
        tf.placeholder(tf.float32).eval()
    with case.assertRaisesWithPredicateMatch(ValueError, lambda error: "bad" in str(error)):
        raise ValueError("bad")
    with pytest.raises(AssertionError, match="ValueError not raised"), case.assertRaisesWithPredicateMatch(ValueError, "x"):
        pass
    with pytest.raises(AssertionError, match="Exception of type"), case.assertRaisesWithPredicateMatch(ValueError, "x"):
        raise ValueError("y")


def test_protos(case):
    proto = tf.make_tensor_proto(1)
    case.assertProtoEquals(str(proto), proto)
    with pytest.raises(AssertionError):
        case.assertProtoEquals(tf.make_tensor_proto(2), proto)


def test_directories(case):
    own = case.get_temp_dir()
    assert own == case.get_temp_dir() and os.path.isdir(own) and os.path.dirname(own) == tf.test.get_temp_dir()


PROGRAM = """
import graphcore as tf

class T(tf.test.TestCase):
    def test_good(self):
        with self.test_session() as session:
            self.assertAllEqual([2, 4], session.run(tf.constant([1, 2]) * 2))

    def test_bad(self):
        self.assertAllEqual([2], [{wanted}])

tf.test.main()
"""


@pytest.mark.parametrize("wanted, code, said", [(2, 0, "OK"), (3, 1, "FAILED (failures=1")])
def test_main_runs_the_tests_of_a_program(tmp_path, wanted, code, said):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(wanted=wanted))
    done = subprocess.run([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == code and said in done.stderr, done.stderr


def test_there_is_no_gpu():
    assert not tf.test.is_built_with_cuda() and not tf.test.is_built_with_gpu_support() and not tf.test.is_built_with_rocm()
    assert not tf.test.is_gpu_available() and tf.test.gpu_device_name() == ""
