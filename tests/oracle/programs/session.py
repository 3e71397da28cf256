"""Sessions: fetches, feeds, partial runs, callables, and the order in which things happen."""
import collections

import numpy as np
from catalog import program

Pair = collections.namedtuple("Pair", ["left", "right"])


def ready(tf):
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


@program
def nested_fetches(tf):
    a, b = tf.constant(1.0, name="a"), tf.constant([2, 3], name="b")
    v = tf.Variable([5.0], name="v")
    session = ready(tf)
    ordered = collections.OrderedDict([("z", a), ("y", b)])
    return {"single": session.run(a), "list": session.run([a, [b]]), "tuple": session.run((a, (b, a))), "empty": session.run([]),
            "dict": session.run({"x": a, "n": {"y": b}}), "ordered": session.run(ordered), "named": session.run(Pair(a, [b])),
            "names": session.run(["a:0", "b:0"]), "operation": session.run(a.op), "operations": session.run([a.op, b]),
            "operation name": session.run("a"), "variable": session.run(v), "variables": session.run([v, "v:0"]),
            "twice": session.run([a, a, {"a": a}]), "empty dict": session.run({}), "empty tuple": session.run(())}


@program
def fetched_slices(tf):
    slices = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([3]))
    full = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([3]), tf.constant([5, 1]))
    sparse = tf.SparseTensor([[0, 1]], [2.0], [2, 2])
    session = tf.Session()
    seen = [session.run(each) for each in (slices, full, sparse)]
    return {"values": [list(each) for each in seen], "types": [type(each).__name__ for each in seen]}


def type_name(value):
    """The name of a value's class; NumPy 2 says "bool" for what NumPy 1 named "bool_"."""
    return "bool_" if isinstance(value, np.bool_) else type(value).__name__


@program
def types_of_results(tf):
    session = tf.Session()
    fetched = [tf.constant(3), tf.constant(3.0), tf.constant("text"), tf.constant(["a", "b"]), tf.constant(True), tf.constant([1.5],
        tf.float64),
               tf.constant([], tf.int64), tf.constant([[True]]), tf.constant(1j)]
    values = session.run(fetched)
    return {"values": values, "types": [type_name(each) for each in values]}


@program
def feeds(tf):
    x = tf.placeholder(tf.float32, [None], name="x")
    n = tf.placeholder(tf.int32, name="n")
    text = tf.placeholder(tf.string, name="text")
    c = tf.constant(2.0, name="c")
    v = tf.Variable(3.0, name="v")
    double = tf.placeholder(tf.float64)
    y = x * c + v
    session = ready(tf)
    return {"tensor": session.run(y, {x: [1, 2]}), "name": session.run(y, {"x:0": np.array([1, 2])}),
            "constant": session.run(y, {x: [1.0], c: 10.0}), "variable": session.run(y, {x: [1.0], v: 100.0}),
            "read": session.run(y, {x: [1.0], v.value(): 100.0}), "inner": session.run(y + 1.0, {y: [7.0]}), "fetched": session.run(x,
            {x: (4, 5)}),
            "numbers": session.run([n, double], {n: True, double: np.float32(0.1)}), "bool": session.run(n, {n: np.array([True, False])}),
            "text": session.run(text, {text: ["a", b"b"]}), "one text": session.run(text, {text: "a"}),
            "after": session.run(v), "empty": session.run(x, {x: []}), "of a result": session.run(y, {x: session.run(x, {x: [1.0]})}),
            "numpy scalar": session.run(n, {n: np.int64(7)}), "wide": session.run(x, {x: np.array([0.1], np.float64)})}


@program
def fed_pairs(tf):
    """A SparseTensor is fed as a triple."""
    sparse = tf.sparse_placeholder(tf.float32, [2, 2])
    dense = tf.sparse_tensor_to_dense(sparse)
    value = tf.SparseTensorValue([[0, 1]], [2.0], [2, 2])
    session = tf.Session()
    return {"value": session.run(dense, {sparse: value}), "triple": session.run(dense, {sparse: ([[1, 0]], [3.0], [2, 2])})}


@program(graph=True)
def sparse_tensors(tf):
    """The nodes of their parts, and of their dense form and its gradient."""
    fixed = tf.SparseTensor([[0, 1], [1, 0]], tf.placeholder_with_default([2.0, 3.0], [2]), [2, 2])
    made = [tf.sparse_placeholder(tf.int32), tf.sparse_placeholder(tf.float64, [2, None], name="half"),
            tf.sparse_placeholder(tf.string, tf.constant([3, 4], tf.int64), name="given"), tf.cast(fixed, tf.int32),
            tf.convert_to_tensor_or_sparse_tensor(tf.SparseTensorValue([[2]], ["a"], [3]))]
    dense = [tf.sparse_tensor_to_dense(fixed), tf.sparse_tensor_to_dense(made[3], -1), tf.sparse_tensor_to_dense(made[4]),
             tf.sparse_to_dense([0, 2], [4], 7), tf.sparse_to_dense(1, [3], 2.0, 1.0, validate_indices=False, name="one")]
    slope, = tf.gradients(tf.square(dense[0]), fixed.values)
    session = tf.Session()
    return {"forms": [str(each) for each in made], "shapes": [str(each.shape) for each in made], "dense": session.run(dense),
            "slope": session.run(slope), "evaluated": fixed.eval(session=session),
            "consumers": sorted(op.name for op in fixed.consumers())}


@program
def results_are_copies(tf):
    v = tf.Variable([1.0, 2.0])
    session = ready(tf)
    before = session.run(v)
    fed = np.array([5.0, 6.0], np.float32)
    session.run(v.assign_add(fed))
    before[0] = 99.0
    return {"before": before, "after": session.run(v), "fed": fed}


@program
def context_managers(tf):
    c = tf.constant(4.0)
    outer = tf.Session()
    with outer.as_default():
        seen = [c.eval(), tf.get_default_session() is outer]
        with tf.Session() as inner:
            seen += [tf.get_default_session() is inner]
        seen += [tf.get_default_session() is outer]
    seen += [outer.run(c), tf.get_default_session() is None]
    outer.close()
    interactive = tf.InteractiveSession()
    seen += [c.eval(), tf.get_default_session() is interactive]
    tf.Variable(1.0).initializer.run()
    interactive.close()
    return {"seen": seen, "after": tf.get_default_session() is None}


@program
def callables(tf):
    x, y = tf.placeholder(tf.float32, name="x"), tf.placeholder(tf.float32, name="y")
    session = tf.Session()
    add = session.make_callable(x + y, [x, y])
    both = session.make_callable({"sum": x + y, "product": x * y}, [x, y])
    nothing = session.make_callable(tf.constant([1, 2]))
    return {"add": add(1.0, 2.0), "both": both([1.0], [2.0]), "nothing": nothing(), "op": session.make_callable(tf.no_op())()}


@program
def partial_runs(tf):
    a, b, c = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    r1 = a + b
    r2 = r1 * c
    session = tf.Session()
    handle = session.partial_run_setup([r1, r2], [a, b, c])
    first = session.partial_run(handle, r1, feed_dict={a: 1, b: 2})
    return {"first": first, "second": session.partial_run(handle, r2, feed_dict={c: first * 10})}


@program
def reads_after_control_dependencies(tf):
    v = tf.Variable(1.0, name="v")
    with tf.control_dependencies([v.assign_add(1.0)]):
        late = [tf.identity(v), v + 10.0, v.read_value(), tf.reshape(v, [1])]
    session = ready(tf)
    return {"values": [session.run(each) for each in late], "together": session.run(late)}


@program
def reads_in_one_run(tf):
    v = tf.Variable([1.0], name="v")
    add = v.assign_add([1.0])
    session = ready(tf)
    return {"value and change": session.run([v.read_value(), add]), "variable": session.run([v, add]),
            "change and variable": session.run([add, v]), "again": session.run(v)}


@program
def training_and_fetching_together(tf):
    w = tf.Variable(5.0, name="w")
    loss = tf.square(w)
    # The gradient needs `loss`, which settles in TF too that it is computed before the update.
    train = tf.train.GradientDescentOptimizer(0.001).minimize(loss * loss)
    session = ready(tf)
    return {"runs": [session.run([train, loss, w]) for _ in range(3)]}


@program
def resource_reads_are_snapshots(tf):
    v = tf.Variable([1.0], use_resource=True)
    before = v.read_value()
    with tf.control_dependencies([before]):
        change = v.assign_add([1.0])
    with tf.control_dependencies([change]):
        after = v.read_value()
    session = ready(tf)
    return {"both": session.run([before, after])}


@program
def every_operation_runs_once(tf):
    v = tf.Variable(0, name="v")
    change = v.assign_add(1)
    a, b = change + 1, change * 10
    with tf.control_dependencies([a, b]):
        end = tf.no_op()
    session = ready(tf)
    session.run([a, b, end, change.op])
    return {"v": session.run(v)}


@program
def only_what_is_needed_runs(tf):
    v = tf.Variable(0, name="v")
    v.assign_add(1)
    used = tf.constant(1)
    with tf.control_dependencies([tf.constant(3)]):
        ready_ = tf.identity(used)
    session = ready(tf)
    session.run(ready_)
    return {"v": session.run(v)}


@program
def sessions_keep_their_own_state(tf):
    v = tf.Variable(0, name="v")
    change = v.assign_add(1)
    first, second = ready(tf), ready(tf)
    first.run(change), first.run(change), second.run(change)
    return {"first": first.run(v), "second": second.run(v)}


@program
def grown_graph(tf):
    """A session sees nodes made after it."""
    v = tf.Variable(2.0)
    session = ready(tf)
    first = session.run(v)
    later = v * 3.0
    return {"first": first, "later": session.run(later), "graph": session.graph is tf.get_default_graph()}


@program
def interactive_book_session(tf):
    c1, c2 = tf.constant(5, name="x"), tf.constant(6.0, name="y")
    p1, p2 = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    product = p1 * p2
    session = tf.InteractiveSession()
    try:
        return {"c1": session.run(c1), "evaluated": c2.eval(), "scalars": session.run(product, {p1: 13.0, p2: 10.0}),
                "lists": session.run(product, feed_dict={p1: [13.0, 14.0], p2: [10.0, 20.0]})}
    finally:
        session.close()


@program
def devices_of_a_session(tf):
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 3})) as session:
        names = [each.name for each in session.list_devices() if "XLA" not in each.name]
        with tf.device("/cpu:2"):
            value = session.run(tf.constant(1) + 1)
    return {"names": sorted(names), "value": value}


@program
def soft_placement(tf):
    with tf.device("/gpu:0"):
        c = tf.constant(1.0) + 2.0
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        return {"value": session.run(c)}
