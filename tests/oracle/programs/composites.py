"""SparseTensors and IndexedSlices as wholes: fed to callables and partial runs, chosen by cond, of another graph."""
import numpy as np
from catalog import program, raises

ORDER = np.array([[0, 0], [1, 1]], np.int64)
PARTS = ORDER, np.array([1.0, 2.0], np.float32), np.array([2, 3], np.int64)


def sparse(tf, values=(5.0, 7.0), shape=(2, 3), dtype=np.float32):
    return tf.SparseTensor(ORDER, np.array(values, dtype), shape)


def slices(tf, kind=None, whole=True, dtype=None):
    kind = kind or tf.int32
    return tf.IndexedSlices(tf.ones([2, 3], dtype or tf.float32), tf.constant([0, 2], kind), tf.constant([4, 3], kind) if whole else None)


def seen(value):
    """What a run gave for a composite, as the list of its parts."""
    return [None if part is None else np.asarray(part) for part in value]


def parts(composite):
    """The names and static shapes of a composite's tensors."""
    found = [part for part in (composite.indices, composite.values, composite.dense_shape) if part is not None]
    return [[part.name, str(part.shape), part.dtype.name] for part in found]


def foreign(tf, make):
    with tf.Graph().as_default():
        return make(tf)


# ------------------------------------------------------------------ feeds
@program
def callable_fed_sparse(tf):
    placeholder, factor = tf.sparse_placeholder(tf.float32, [2, 3]), tf.placeholder(tf.float32)
    total = tf.sparse_reduce_sum(placeholder)
    with tf.Session() as session:
        one = session.make_callable(total, [placeholder])
        two = session.make_callable([total * factor, placeholder], [factor, placeholder])
        product, back = two(3.0, PARTS)
        nested = session.make_callable(total * factor, [(factor, placeholder.indices), placeholder.values])
        return {"value": one(tf.SparseTensorValue(*PARTS)), "tuple": one(PARTS), "list": one(list(PARTS)), "two of three": one(PARTS[:2]),
                "product": product, "back": seen(back), "again": two(2.0, PARTS)[0], "nested": nested((2.0, PARTS[0]), PARTS[1]),
                "part again": session.make_callable(total, [placeholder, placeholder.values])(PARTS, [5.0, 5.0])}


@program
def callable_fed_slices(tf):
    result = {}
    for name, shape in (("whole", tf.placeholder(tf.int32, [1])), ("bare", None)):
        rows = tf.IndexedSlices(tf.placeholder(tf.float32, [2]), tf.placeholder(tf.int32, [2]), shape)
        total = tf.unsorted_segment_sum(rows.values, rows.indices, 3)
        fed = np.ones(2, np.float32), np.array([0, 2], np.int32), np.array([3], np.int32)
        with tf.Session() as session:
            value, back = session.make_callable([total, rows], [rows])(fed)
            handle = session.partial_run_setup([total], [rows])
            result[name] = [value, seen(back), session.partial_run(handle, total, {rows: fed})]
    return result


@raises("You must feed a value for placeholder tensor")
def callable_without_its_sparse(tf):
    placeholder, factor = tf.sparse_placeholder(tf.float32), tf.placeholder(tf.float32)
    with tf.Session() as session:
        session.make_callable(tf.sparse_reduce_sum(placeholder) * factor, [factor, placeholder])(1.0)


@program
def partial_run_fed_sparse(tf):
    placeholder, factor = tf.sparse_placeholder(tf.float32, [2, 3]), tf.placeholder(tf.float32)
    total = tf.sparse_reduce_sum(placeholder)
    product, double = total * factor, placeholder.values * 2.0
    with tf.Session() as session:
        handle = session.partial_run_setup([total, product, double], [placeholder, factor])
        return {"total": session.partial_run(handle, total, {placeholder: PARTS}),
                "product": session.partial_run(handle, product, {factor: 2.0}), "double": session.partial_run(handle, double)}


@raises("can't be computed from the feeds that have been fed so far.")
def partial_run_before_its_sparse(tf):
    placeholder, factor = tf.sparse_placeholder(tf.float32, [2, 3]), tf.placeholder(tf.float32)
    product = tf.sparse_reduce_sum(placeholder) * factor
    with tf.Session() as session:
        session.partial_run(session.partial_run_setup([product], [placeholder, factor]), product, {factor: 2.0})


@raises("is both fed and fetched.")
def partial_run_of_what_is_fed(tf):
    placeholder = tf.sparse_placeholder(tf.float32, [2, 3])
    with tf.Session() as session:
        session.partial_run_setup([placeholder], [placeholder])


# ------------------------------------------------------------------ cond and case
@program(graph=True)
def cond_of_sparse(tf):
    pred, outside = tf.placeholder(tf.bool, [], name="pred"), sparse(tf)
    chosen = tf.cond(pred, lambda: outside, lambda: tf.SparseTensor(outside.indices, outside.values * 2.0, outside.dense_shape))
    inside = tf.cond(pred, lambda: [sparse(tf), tf.no_op()], lambda: [tf.SparseTensor([[0, 1]], [1.0], [4, 3]), tf.no_op()])
    strict = tf.cond(pred, lambda: [sparse(tf)], lambda: [sparse(tf, shape=(2, 3))], strict=True)
    with tf.Session() as session:
        values = [[seen(session.run(each, {pred: side})) for each in (chosen, inside[0], strict[0])] for side in (True, False)]
    return {"values": values, "parts": [parts(chosen), parts(inside[0]), parts(strict[0])],
            "shapes": [str(chosen.shape), str(inside[0].shape)]}


@program(graph=True)
def cond_of_slices(tf):
    pred = tf.placeholder(tf.bool, [], name="pred")
    whole = tf.cond(pred, lambda: slices(tf), lambda: slices(tf))
    nested = lambda: {"a": [slices(tf, whole=False)], "b": sparse(tf)}  # noqa: E731
    bare = tf.cond(pred, nested, nested)
    # int32 and int64 indices meet as int64
    mixed = tf.cond(pred, lambda: slices(tf, whole=False), lambda: slices(tf, tf.int64, whole=False))
    with tf.Session() as session:
        values = [[seen(session.run(each, {pred: side})) for each in (whole, bare["a"][0], bare["b"], mixed)] for side in (True, False)]
    return {"values": values, "parts": [parts(each) for each in (whole, bare["a"][0], bare["b"], mixed)]}


@program
def cond_of_other_ranks(tf):
    pred = tf.placeholder(tf.bool, [])
    ranks = tf.cond(pred, lambda: sparse(tf), lambda: tf.SparseTensor([[0, 0, 0], [1, 1, 1]], [1.0, 2.0], [2, 3, 4]))
    rows = tf.cond(pred, lambda: tf.IndexedSlices(tf.ones([2]), tf.constant([0, 1])), lambda: slices(tf, whole=False))
    with tf.Session() as session:
        values = [[seen(session.run(each, {pred: side})) for each in (ranks, rows)] for side in (True, False)]
    return {"values": values, "parts": [parts(ranks), parts(rows)]}


@program(graph=True)
def case_of_slices(tf):
    x = tf.placeholder(tf.int32, [], name="x")
    chosen = tf.case([(x < 1, lambda: slices(tf)), (x < 2, lambda: slices(tf))], default=lambda: slices(tf))
    one = tf.case([(x < 1, lambda: sparse(tf))], default=lambda: sparse(tf, (1.0, 2.0)))
    with tf.Session() as session:
        return {"values": [[seen(session.run(each, {x: value})) for each in (chosen, one)] for value in range(3)],
                "parts": [parts(chosen), parts(one)]}


@program(graph=True)
def gradient_through_cond_of_sparse(tf):
    pred, values = tf.placeholder(tf.bool, [], name="pred"), tf.constant([1.0, 2.0])
    given = tf.SparseTensor(ORDER, values, [2, 2])
    chosen = tf.cond(pred, lambda: tf.SparseTensor(given.indices, given.values * 2.0, given.dense_shape), lambda: given)
    slope = tf.gradients(chosen.values, values)[0]
    with tf.Session() as session:
        return {"slopes": [session.run(slope, {pred: side}) for side in (True, False)]}


@program(graph=True)
def group_of_composites(tf):
    return {"name": tf.group(slices(tf), [sparse(tf), slices(tf, whole=False)]).name}


def _cond(tf, first, second):
    tf.cond(tf.placeholder(tf.bool, []), lambda: first, lambda: second)


@raises("Incompatible return values of true_fn and false_fn: The two structures don't have the same nested structure.")
def cond_of_sparse_dtypes(tf):
    _cond(tf, sparse(tf), sparse(tf, dtype=np.int32))


@raises("More specifically: Incompatible CompositeTensor TypeSpecs: type=SparseTensorSpec str=SparseTensorSpec(TensorShape("
        "[Dimension(2), Dimension(3)]), tf.float32) vs. type=SparseTensorSpec str=SparseTensorSpec(TensorShape([Dimension(2), "
        "Dimension(3)]), tf.int32)")
def cond_of_sparse_dtypes_told(tf):
    _cond(tf, sparse(tf), sparse(tf, dtype=np.int32))


@raises("Incompatible CompositeTensor TypeSpecs: type=IndexedSlicesSpec str=IndexedSlicesSpec(TensorShape([Dimension(None), "
        "Dimension(3)]), tf.float32, tf.int32, None, TensorShape([Dimension(2)])) vs. type=IndexedSlicesSpec "
        "str=IndexedSlicesSpec(TensorShape([Dimension(4), Dimension(3)]), tf.float32, tf.int32, tf.int32, TensorShape([Dimension(2)]))")
def cond_of_slices_with_and_without_shape(tf):
    _cond(tf, slices(tf, whole=False), slices(tf))


@raises("Incompatible CompositeTensor TypeSpecs: type=IndexedSlicesSpec")
def cond_of_slices_of_other_dtypes(tf):
    _cond(tf, slices(tf), slices(tf, dtype=tf.float64))


@raises("Incompatible return types of true_fn and false_fn: The two structures don't have the same nested structure.")
def cond_of_sparse_and_slices(tf):
    _cond(tf, sparse(tf), slices(tf))


@raises("is a sequence, while substructure \"type=Tensor str=Tensor(\"Const:0\", shape=(), dtype=float32)\" is not")
def cond_of_sparse_and_dense(tf):
    dense = tf.constant(1.0)
    _cond(tf, sparse(tf), dense)


@raises("The two structures don't have the same number of elements. First structure: type=list")
def cond_of_lists_of_other_lengths(tf):
    _cond(tf, [sparse(tf), tf.constant(1)], [sparse(tf), tf.constant(1), tf.constant(2)])


# ------------------------------------------------------------------ another graph
@program
def scopes_and_functions_follow_a_composite(tf):
    """Given one of another graph alone, most functions build there."""
    other, rows = foreign(tf, sparse), foreign(tf, slices)
    with tf.name_scope("n", values=[other]):
        inside = tf.get_default_graph() is other.graph
    with tf.name_scope("n", values=[rows]):
        of_rows = tf.get_default_graph() is rows.graph
    return {"inside": [inside, of_rows], "abs": tf.abs(other).values.name, "div": (other / 2.0).values.name,
            "clip": tf.clip_by_norm(rows, 1.0).values.name, "split": len(tf.sparse_split(sp_input=other, num_split=1, axis=0)),
            "here": [op.name for op in tf.get_default_graph().get_operations()]}


@raises(" must be from the same graph as Tensor(\"Const:0\", shape=(), dtype=int32).")
def scope_of_sparse_of_another_graph(tf):
    with tf.name_scope("n", values=[tf.constant(1), foreign(tf, sparse)]):
        pass


@raises("Tensor(\"Const:0\", shape=(), dtype=int32) must be from the same graph as IndexedSlices(indices=Tensor(\"Const:0\", "
        "shape=(2,), dtype=int32), values=Tensor(\"ones:0\", shape=(2, 3), dtype=float32), "
        "dense_shape=Tensor(\"Const_1:0\", shape=(2,), dtype=int32)).")
def scope_of_slices_of_another_graph(tf):
    with tf.name_scope("n", values=[foreign(tf, slices), tf.constant(1)]):
        pass


@raises("Tensor(\"ones:0\", shape=(3,), dtype=float32) must be from the same graph as SparseTensor(indices=Tensor("
        "\"SparseTensor/indices:0\"")
def product_with_sparse_of_another_graph(tf):
    foreign(tf, sparse) * tf.ones([3])


@raises("must be from the same graph as Tensor(\"ones:0\", shape=(4, 3), dtype=float32).")
def lookup_with_sparse_of_another_graph(tf):
    tf.nn.embedding_lookup_sparse(tf.ones([4, 3]), foreign(tf, lambda tf: sparse(tf, (1, 2), dtype=np.int64)), None, combiner="sum")


@raises("must be from the same graph as IndexedSlices(")
def norm_with_slices_of_another_graph(tf):
    tf.global_norm([foreign(tf, slices), tf.ones([1])])


@raises("must be from the same graph as IndexedSlices(")
def sum_with_slices_of_another_graph(tf):
    tf.add_n([foreign(tf, slices), slices(tf)])


@raises("must be from the same graph as IndexedSlices(")
def tuple_with_slices_of_another_graph(tf):
    tf.tuple([foreign(tf, slices), tf.ones([1])])


# ------------------------------------------------------------------ functions of the values
@program(graph=True)
def bessel_of_sparse(tf):
    first, second = tf.math.bessel_i0e(sparse(tf)), tf.math.bessel_i1e(sparse(tf, dtype=np.float64), name="b")
    with tf.Session() as session:
        return {"values": [seen(session.run(each)) for each in (first, second)], "parts": [parts(first), parts(second)]}


@raises("Failed to convert object of type")
def bessel_unscaled_of_sparse(tf):
    tf.math.bessel_i0(sparse(tf))
