"""What can be fetched and fed, in which nesting, and what comes back."""

import collections
import dataclasses
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import graphcore as tf
from graphcore.core.indexed import IndexedSlices, IndexedSlicesValue
from graphcore.session.fetches import register_fetch

Pair = collections.namedtuple("Pair", ["left", "right"])


class Numbers(list):
    """A list of one's own."""


class Names(dict):
    """A dict of one's own."""


class Attributes:
    """What the attrs library makes of a class, as far as it counts here."""

    __attrs_attrs__ = (SimpleNamespace(name="first"), SimpleNamespace(name="second"))

    def __init__(self, first, second):
        self.first, self.second = first, second


@pytest.fixture
def session():
    return tf.Session()


# ---------------------------------------------------------------- fetches
def test_nestings_come_back_as_they_were(session):
    a, b = tf.constant(1.0, name="a"), tf.constant([2, 3], name="b")
    result = session.run({"x": [a, (b, a.op)], "y": Pair(a, {"z": "b:0"}), "n": "a"})
    assert result["x"][0] == 1.0
    assert isinstance(result["x"], list)
    assert isinstance(result["x"][1], tuple)
    assert result["x"][1][0].tolist() == [2, 3]
    assert result["x"][1][1] is None
    assert isinstance(result["y"], Pair)
    assert result["y"].right["z"].tolist() == [2, 3]
    assert result["n"] is None


@pytest.mark.parametrize("empty", [[], (), {}])
def test_empty_nestings(session, empty):
    tf.constant(1.0)
    assert session.run(empty) == empty
    assert type(session.run(empty)) is type(empty)


def test_dicts_keep_type_and_order(session):
    a, b = tf.constant(1.0), tf.constant(2.0)
    ordered = session.run(collections.OrderedDict([("z", a), ("y", b)]))
    assert ordered == collections.OrderedDict([("z", 1.0), ("y", 2.0)])
    assert type(ordered) is collections.OrderedDict
    assert type(session.run(Names(a=a))) is Names
    assert dict(session.run(collections.defaultdict(int, a=a))) == {"a": 1.0}


def test_a_list_of_one_s_own_comes_back_as_a_list(session):
    assert type(session.run(Numbers([tf.constant(1.0)]))) is list


def test_attrs_objects(session):
    result = session.run(Attributes(tf.constant(1.0), [tf.constant(2.0)]))
    assert (result.first, result.second) == (1.0, [2.0])


def test_variables_and_names(session):
    v = tf.Variable([5.0], name="v")
    session.run(v.initializer)
    assert [x.tolist() for x in session.run([v, "v:0", "v/read:0", b"v:0"])] == [[5.0]] * 4


def test_indexed_slices(session):
    values, indices, shape = tf.constant([[1.0]]), tf.constant([3]), tf.constant([5, 1])
    short, full = session.run([IndexedSlices(values, indices), IndexedSlices(values, indices, shape)])
    assert isinstance(short, IndexedSlicesValue)
    assert short.values.tolist() == [[1.0]]
    assert short.indices.tolist() == [3]
    assert short.dense_shape is None
    assert full.dense_shape.tolist() == [5, 1]


def test_other_composites_can_be_registered(session, monkeypatch):
    from graphcore.session import fetches

    @dataclasses.dataclass(eq=False)
    class Interval:
        low: object
        high: object

    monkeypatch.setattr(fetches, "_expanders", dict(fetches._expanders))
    register_fetch(Interval, lambda i: [i.low, i.high], lambda parts: tuple(parts))
    interval = Interval(tf.constant(1.0), tf.constant(2.0))
    assert session.run({"i": interval}) == {"i": (1.0, 2.0)}
    assert session.run(interval, {interval: (3.0, 4.0)}) == (3.0, 4.0)


@pytest.mark.parametrize("fetch, phrase", [
    (3, "Fetch argument 3 has invalid type <class 'int'>, must be a string or Tensor. (Can not convert a int into a Tensor or "
        "Operation.)"),
    (None, "Fetch argument None has invalid type <class 'NoneType'>"),
    ([None], "Fetch argument None has invalid type <class 'NoneType'>"),
    ({1, 2}, "has invalid type <class 'set'>, must be a string or Tensor. (Can not convert a set into a Tensor or Operation.)"),
    (np.zeros(2), "has invalid type <class 'numpy.ndarray'>, must be a string or Tensor."),
])
def test_what_cannot_be_fetched_at_all(session, fetch, phrase):
    tf.constant(1.0)
    with pytest.raises(TypeError) as info:
        session.run(fetch)
    assert phrase in str(info.value)


@pytest.mark.parametrize("name, phrase", [
    ("nope", "The name 'nope' refers to an Operation not in the graph."),
    ("nope:0", "The name 'nope:0' refers to a Tensor which does not exist. The operation, 'nope', does not exist in the graph."),
    ("Const:1", "The operation, 'Const', exists but only has 1 outputs."),
    ("Const:x", "The name 'Const:x' looks a like a Tensor name, but is not a valid one."),
])
def test_names_that_are_not_there(session, name, phrase):
    tf.constant(1.0)
    with pytest.raises(ValueError) as info:
        session.run(name)
    assert str(info.value).startswith(f"Fetch argument {name!r} cannot be interpreted as a Tensor. (")
    assert phrase in str(info.value)


def test_a_foreign_tensor(session):
    tf.constant(1.0)
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    with pytest.raises(ValueError, match="is not an element of this graph."):
        session.run(foreign)


def test_prevented_fetching(session):
    c = tf.constant(1.0)
    c.graph.prevent_fetching(c.op)
    with pytest.raises(ValueError, match="Operation 'Const' has been marked as not fetchable."):
        session.run(c.op)


# ---------------------------------------------------------------- results belong to the user
def test_results_never_change_afterwards(session):
    v = tf.Variable([1.0, 2.0])
    session.run(v.initializer)
    before = session.run(v)
    session.run(v.assign_add([1.0, 1.0]))
    assert before.tolist() == [1.0, 2.0]


def test_writing_into_a_result_changes_nothing_here(session):
    c, v = tf.constant([1.0]), tf.Variable([1.0])
    session.run(v.initializer)
    for fetch in (c, v, tf.identity(c), tf.reshape(v, [1, 1])):
        session.run(fetch)[...] = 99.0
    assert session.run(c).tolist() == [1.0]
    assert session.run(v).tolist() == [1.0]


def test_results_that_follow_from_shapes_belong_to_the_user_too(session):
    x = tf.placeholder(tf.float32, [None])
    shape, same = tf.shape(x), tf.reduce_sum(x, axis=tf.zeros([0], tf.int32))
    fed = np.ones(3, np.float32)
    identity = tf.identity(same)
    for _ in range(4):
        assert session.run(shape, {x: fed}).tolist() == [3]
        results = session.run([shape, same, identity], {x: fed})
        for result in (*results, session.run(shape, {x: fed}), session.run(same, {x: fed})):
            result[0] = 99
        assert fed.tolist() == [1.0, 1.0, 1.0]


def test_what_is_fed_is_never_written_to(session):
    x, v = tf.placeholder(tf.float32, [1]), tf.Variable([1.0])
    session.run(v.initializer)
    fed = np.array([5.0], np.float32)
    session.run(v.assign(x), {x: fed})
    session.run(v.assign_add(x), {x: fed})
    assert fed.tolist() == [5.0]
    result = session.run(x, {x: fed})
    result[0] = 7.0
    assert fed.tolist() == [5.0]


def test_scalars_are_numpy_scalars_and_text_is_bytes(session):
    number, text = session.run([tf.constant(1.0), tf.constant("a")])
    assert type(number) is np.float32
    assert text == b"a"


# ---------------------------------------------------------------- feeds
def test_feeding_by_tensor_name_variable_and_inner_tensor(session):
    x = tf.placeholder(tf.float32, [None], name="x")
    c, v = tf.constant(2.0), tf.Variable(3.0)
    session.run(v.initializer)
    y = x * c + v
    assert session.run(y, {x: [1, 2]}).tolist() == [5.0, 7.0]
    assert session.run(y, {"x:0": np.array([1, 2])}).tolist() == [5.0, 7.0]
    assert session.run(y, {x: [1.0], c: 10.0}).tolist() == [13.0]
    assert session.run(y, {x: [1.0], v: 100.0}).tolist() == [102.0]
    assert session.run(y, {x: [1.0], v.value(): 100.0}).tolist() == [102.0]
    assert session.run(y + 1.0, {y: [7.0]}).tolist() == [8.0]
    assert session.run(v) == 3.0


def test_feeding_tuples_and_slices(session):
    a, b = tf.placeholder(tf.float32, name="a"), tf.placeholder(tf.int32, name="b")
    slices = IndexedSlices(a, b)
    assert session.run([a, b], {(a, b): (1.0, 2)}) == [1.0, 2]
    result = session.run(slices, {slices: ([[1.0]], [0])})
    assert result.values.tolist() == [[1.0]]
    with pytest.raises(ValueError, match="Could not flatten dictionary. Key had 2 elements, but value had 3 elements."):
        session.run(a, {(a, b): (1, 2, 3)})


def test_one_tensor_fed_under_two_names_takes_the_last(session):
    x = tf.placeholder(tf.float32, name="x")
    assert session.run(x + 0.0, {x: 1.0, "x:0": 4.0}) == 4.0


def test_a_fetched_feed_is_an_array(session):
    x = tf.placeholder(tf.float32)
    result = session.run(x, {x: 1.5})
    assert type(result) is np.ndarray
    assert result.shape == ()
    assert type(session.run(tf.identity(x), {x: 1.5})) is np.float32


def test_fetched_text_comes_back_as_fed(session):
    text = tf.placeholder(tf.string)
    for _ in range(3):  # interpreted and compiled
        fed, computed = session.run([text, tf.identity(text)], {text: ["a", b"b"]})
        assert fed.tolist() == ["a", b"b"]
        assert computed.tolist() == [b"a", b"b"]
    assert session.run(text, {text: "é"}).item() == "é"
    assert session.run(tf.identity(text), {text: "é"}) == "é".encode()


@pytest.mark.parametrize("dtype, value, expected", [
    (tf.int32, 1.5, 1), (tf.int32, True, 1), (tf.int32, np.array([1.7, -2.5]), [1, -2]), (tf.int8, [300], [44]),
    (tf.float32, True, 1.0), (tf.float32, "1.5", 1.5), (tf.float32, np.float64(1e300), np.inf), (tf.bool, 1, True),
    (tf.bool, [0, 5], [False, True]), (tf.complex64, 1, 1.0), (tf.float32, 2 ** 70, 2.0 ** 70), (tf.float16, 1e10, np.inf),
])
def test_values_are_cast_as_numpy_casts(session, dtype, value, expected):
    x = tf.placeholder(dtype)
    result = session.run(x, {x: value})
    assert result.dtype == dtype.as_numpy_dtype
    assert result.tolist() == expected


@pytest.mark.parametrize("dtype, value", [
    (tf.int32, 2 ** 40), (tf.int8, 128), (tf.uint8, -1), (tf.bool, 2), (tf.string, 1), (tf.float16, 70000),
    (tf.float32, 2 ** 200)])
def test_a_python_int_has_to_fit(session, dtype, value):
    x = tf.placeholder(dtype)
    with pytest.raises(TypeError, match=f"Type of feed value {value} with type <class 'int'> is not compatible with Tensor type"):
        session.run(x, {x: value})


@pytest.mark.parametrize("dtype, value, error, phrase", [
    (tf.float32, "hello", ValueError, "could not convert string to float"),
    (tf.int32, "hello", ValueError, "invalid literal for int()"),
    (tf.float32, [[1, 2], [3]], ValueError, "setting an array element with a sequence"),
    (tf.int32, None, TypeError, "int() argument must be a string, a bytes-like object or a"),
    (tf.string, 1.5, tf.errors.InternalError, "Unsupported object type float"),
])
def test_values_that_cannot_be_fed(session, dtype, value, error, phrase):
    x = tf.placeholder(dtype, name="x")
    with pytest.raises(error) as info:
        session.run(x, {x: value})
    assert phrase in str(info.value)


def test_a_tensor_cannot_be_fed(session):
    x = tf.placeholder(tf.float32, name="x")
    with pytest.raises(TypeError, match="The value of a feed cannot be a tf.Tensor object."):
        session.run(x, {x: tf.constant(1.0)})


@pytest.mark.parametrize("shape, value, phrase", [
    ([2], [1, 2, 3], "Cannot feed value of shape (3,) for Tensor 'a:0', which has shape '(2,)'"),
    ([None, 2], np.zeros([2, 3]), "Cannot feed value of shape (2, 3) for Tensor 'a:0', which has shape '(?, 2)'"),
    ([], np.zeros([1], np.float32), "Cannot feed value of shape (1,) for Tensor 'a:0', which has shape '()'"),
    ([None, 2], np.zeros([2], np.float32), "Cannot feed value of shape (2,) for Tensor 'a:0', which has shape '(?, 2)'"),
])
def test_wrong_shapes(session, shape, value, phrase):
    a = tf.placeholder(tf.float32, shape, name="a")
    with pytest.raises(ValueError) as info:
        session.run(a, {a: value})
    assert phrase in str(info.value)


@pytest.mark.parametrize("key, phrase", [
    (3, "Cannot interpret feed_dict key as Tensor: Can not convert a int into a Tensor."),
    (None, "Cannot interpret feed_dict key as Tensor: Can not convert a NoneType into a Tensor."),
    ("nobody:0", "Cannot interpret feed_dict key as Tensor: The name 'nobody:0' refers to a Tensor which does not exist."),
    ("c", "Cannot interpret feed_dict key as Tensor: The name 'c' refers to an Operation, not a Tensor."),
])
def test_keys_that_are_no_tensors(session, key, phrase):
    c = tf.constant(1.0, name="c")
    with pytest.raises(TypeError) as info:
        session.run(c, {key: 1.0})
    assert phrase in str(info.value)


@pytest.mark.parametrize("feed_dict", [[3], 3])
def test_feed_dict_has_to_be_one(session, feed_dict):
    c = tf.constant(1.0)
    with pytest.raises(TypeError, match="input must be a dictionary"):
        session.run(c, feed_dict)


def test_prevented_feeding(session):
    x = tf.placeholder(tf.float32, name="x")
    x.graph.prevent_feeding(x)
    with pytest.raises(ValueError, match="may not be fed"):
        session.run(x, {x: 1.0})


def test_a_fed_variable_cannot_be_written(session):
    v = tf.Variable([1.0], name="v")
    change = v.assign_add([1.0])
    with pytest.raises(tf.errors.InvalidArgumentError,
                       match="Input 0 of node AssignAdd was passed float from .* incompatible with expected float_ref"):
        session.run(change, {v: [5.0]})


def test_sparse_keys_do_not_leak_references(session):
    x = tf.placeholder(tf.float32, [1000])
    fed = np.zeros([1000], np.float32)
    for _ in range(3):
        session.run(x + 1.0, {x: fed})
    assert sys.getrefcount(fed) == 2
