# -*- coding: utf-8 -*-
"""Serialized Examples as tensors: dense and sparse features, in batches and alone."""
from catalog import program, raises


def run(tf, **made):
    with tf.Session() as session:
        return {name: session.run(tensor) for name, tensor in made.items()}


def fed(tf, value, shape=None):
    return tf.placeholder_with_default(value, shape)


FIRST = b"\n(\n\x0b\n\x01a\x12\x06\x1a\x04\n\x02\x01\x02\n\n\n\x01s\x12\x05\n\x03\n\x01x\n\r\n\x01b\x12\x08\x12\x06\n\x04\x00\x00\xc0?"
SECOND = b"\n\x1b\n\n\n\x01a\x12\x05\x1a\x03\n\x01\x03\n\r\n\x01s\x12\x08\n\x06\n\x01y\n\x01z"
# int64s of one byte and of ten, packed; the same one in a field; floats one in a field; an empty feature.
THIRD = (b'\n@\n\x16\n\x01p\x12\x11\x1a\x0f\n\r\x05\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\n\x0c\n\x01q\x12\x07'
         b'\x1a\x05\x08\x05\x08\xac\x02\n\x11\n\x01f\x12\x0c\x12\n\r\x00\x00\x80?\r\x00\x00\x00@\n\x05\n\x01e\x12\x00')


def wanted(tf):
    return {"a": tf.VarLenFeature(tf.int64), "b": tf.FixedLenFeature([], tf.float32, default_value=9.0), "s": tf.VarLenFeature(tf.string),
            "c": tf.FixedLenFeature([2, 1], tf.string, default_value=[["u"], ["v"]]),
            "d": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True)}


@program(graph=True)
def examples(tf):
    return run(tf, all=tf.parse_example([FIRST, SECOND], wanted(tf)), named=tf.io.parse_example(fed(tf, [SECOND]), wanted(tf), "named"))


@program(graph=True)
def single_examples(tf):
    return run(tf, all=tf.parse_single_example(FIRST, wanted(tf)), named=tf.io.parse_single_example(fed(tf, SECOND), wanted(tf), "named"),
               empty=tf.parse_single_example("", {"b": tf.FixedLenFeature([], tf.float32, 1.0), "n": tf.VarLenFeature(tf.string)}))


@program
def dense_features(tf):
    sequence, pair = tf.FixedLenSequenceFeature, tf.FixedLenFeature([1, 2], tf.int64)
    both = [FIRST, SECOND]
    return run(tf, filled=tf.parse_example(both, {"a": sequence([], tf.int64, True, -1), "b": sequence([], tf.float32, True)}),
               pair=tf.parse_example([FIRST], {"a": pair}), one=tf.parse_single_example(FIRST, {"a": pair}),
               rows=tf.parse_example([FIRST], {"a": sequence([2], tf.int64, True)}),
               none=tf.parse_example([], {"a": tf.VarLenFeature(tf.int64)}),
               sequence=tf.parse_single_example(FIRST, {"a": sequence([], tf.int64, True), "q": sequence([3], tf.string, True)}))


@program
def integers_of_many_bytes(tf):
    every = {"p": tf.VarLenFeature(tf.int64), "q": tf.VarLenFeature(tf.int64), "f": tf.VarLenFeature(tf.float32),
             "e": tf.FixedLenFeature([], tf.int64, 4)}
    return run(tf, every=tf.parse_single_example(THIRD, every), batch=tf.parse_example([THIRD], every))


@program
def shapes_of_features(tf):
    parsed = tf.parse_example(tf.placeholder(tf.string, [None]), wanted(tf))
    single = tf.parse_single_example(tf.placeholder(tf.string), wanted(tf))
    return {"shapes": [[key, str(each.shape)] for made in (parsed, single) for key, each in sorted(made.items())]}


@raises("Name: <unknown>, Feature: b (data type: float) is required but could not be found.")
def a_feature_that_is_required(tf):
    tf.Session().run(tf.parse_example([FIRST, SECOND], {"b": tf.FixedLenFeature([], tf.float32)}))


@raises("Name: second, Key: a, Index: 1.  Number of int64 values != expected.  Values size: 1 but output shape: [2]")
def a_feature_of_another_size(tf):
    tf.Session().run(tf.parse_example([FIRST, SECOND], {"a": tf.FixedLenFeature([2], tf.int64)}, example_names=["first", "second"]))


@raises("Name: <unknown>, Key: b, Index: 0.  Data types don't match. Data type: float but expected type: int64")
def a_dense_feature_of_another_type(tf):
    tf.Session().run(tf.parse_example([FIRST], {"b": tf.FixedLenFeature([], tf.int64)}))


@raises("Name: <unknown>, Key: a, Index: 0.  Data types don't match. Expected type: float, Actual type: int64")
def a_sparse_feature_of_another_type(tf):
    tf.Session().run(tf.parse_example([FIRST], {"a": tf.VarLenFeature(tf.float32)}))


@raises("Number of int64 values is not a multiple of stride length. Saw 1 values but output shape is: [?,2]")
def a_sequence_that_ends_early(tf):
    tf.Session().run(tf.parse_example([SECOND], {"a": tf.FixedLenSequenceFeature([2], tf.int64, True)}))


@raises("Could not parse example input, value: 'garbage'")
def no_example(tf):
    tf.Session().run(tf.parse_example(["garbage"], {"a": tf.VarLenFeature(tf.int64)}))


@raises("Feature: b (data type: float) is required but could not be found.")
def a_single_feature_that_is_required(tf):
    tf.Session().run(tf.parse_single_example(SECOND, {"b": tf.FixedLenFeature([], tf.float32)}))


@raises("Key: a.  Can't parse serialized Example.")
def a_single_feature_of_another_size(tf):
    tf.Session().run(tf.parse_single_example(FIRST, {"a": tf.FixedLenFeature([], tf.int64)}))


@raises("Key: b.  Data types don't match. Data type: float but expected type: int64")
def a_single_feature_of_another_type(tf):
    tf.Session().run(tf.parse_single_example(FIRST, {"b": tf.FixedLenFeature([], tf.int64)}))


@raises("Missing: features was {}.")
def no_features(tf):
    tf.parse_example([FIRST], {})


@raises("Invalid feature a:3.")
def a_feature_that_is_none(tf):
    tf.parse_example([FIRST], {"a": 3})


@raises("First dimension of shape for feature a unknown. Consider using FixedLenSequenceFeature.")
def a_feature_of_unknown_length(tf):
    tf.parse_example([FIRST], {"a": tf.FixedLenFeature([None], tf.int64)})


@raises("has DataType int32 not in list of allowed values: float32, int64, string")
def a_feature_of_int32(tf):
    tf.parse_example([FIRST], {"a": tf.FixedLenFeature([], tf.int32)})


@raises("Shape must be rank 1 but is rank 0 for 'ParseExample/ParseExample' (op: 'ParseExample') with input shapes: [], [0], [].")
def one_example_as_a_batch(tf):
    tf.parse_example(FIRST, {"a": tf.VarLenFeature(tf.int64)})


@raises("Shape must be rank 0 but is rank 1 for 'ParseSingleExample/ParseSingleExample' (op: 'ParseSingleExample') with input shapes: [1].")
def a_batch_as_one_example(tf):
    tf.parse_single_example([FIRST], {"a": tf.VarLenFeature(tf.int64)})


def placed(tf):
    from_parts = {"i": [3, 1], "j": [0, 2]}
    example = tf.train.Example()
    for key, places in from_parts.items():
        example.features.feature[key].int64_list.value.extend(places)
    example.features.feature["v"].float_list.value.extend([1.0, 2.0])
    return example.SerializeToString()


@program
def sparse_features(tf):
    one, text = tf.SparseFeature("i", "v", tf.float32, 10), placed(tf)
    two = tf.SparseFeature(["i", "j"], "v", tf.float32, [10, 5])
    return run(tf, one=tf.parse_example([text], {"x": one}), unsorted=tf.parse_example([text], {"x": one._replace(already_sorted=True)}),
               two=tf.parse_example([text], {"x": two, "v": tf.VarLenFeature(tf.float32)}), single=tf.parse_single_example(text,
                                                                                                                           {"x": one}))


@raises("Conflicting type <dtype: 'int64'> vs <dtype: 'float32'> for feature i.")
def a_sparse_feature_of_two_types(tf):
    tf.parse_example([FIRST], {"x": tf.SparseFeature("i", "i", tf.float32, 3)})


@raises("Missing index_key for SparseFeature")
def a_sparse_feature_without_places(tf):
    tf.parse_example([FIRST], {"x": tf.SparseFeature("", "v", tf.float32, 3)})
