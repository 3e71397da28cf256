"""Constants, placeholders, device scopes, control dependencies and the graph itself."""
import numpy as np
from catalog import program


@program(graph=True)
def constants_of_every_dtype(tf):
    made = [tf.constant(5), tf.constant(5.0), tf.constant(True), tf.constant("text"), tf.constant(b"bytes"),
            tf.constant([1, 2], dtype=tf.float64), tf.constant([1.5], tf.float16), tf.constant([1.5, 2.25], tf.bfloat16),
            tf.constant([1, 2], tf.int8), tf.constant([1, -2], tf.int16), tf.constant([1], tf.int64),
            tf.constant([1, 255], tf.uint8), tf.constant([1], tf.uint16), tf.constant([1], tf.uint32),
            tf.constant([1], tf.uint64), tf.constant(1 + 2j), tf.constant([1 + 2j], tf.complex64),
            tf.constant([True, False]), tf.constant([["a", "bc"], ["", "d"]]), tf.constant(np.arange(4)),
            tf.constant(np.ones([2, 2], np.float32)), tf.constant(np.float64(2.5)), tf.constant([]),
            tf.constant(3, shape=[2, 2]), tf.constant([1, 2], shape=[5]), tf.constant([[1], [2]], shape=[2]),
            tf.constant(1.0, name="named"), tf.constant([[1.0, 2.0], [3.0, 4.0]], verify_shape=True, shape=[2, 2]),
            tf.constant((1, 2)), tf.constant([np.float32(1), np.float32(2)]), tf.constant(np.array([], np.int32)),
            tf.constant([1, 2.5]), tf.constant([True, False], tf.bool), tf.constant(2 ** 40, tf.int64)]
    with tf.Session() as session:
        values = [session.run(each) for each in made if each.dtype != tf.bfloat16]
    return {"made": [str(each) for each in made], "values": values}


@program(graph=True)
def conversions(tf):
    made = [tf.convert_to_tensor([1, 2]), tf.convert_to_tensor(1, dtype=tf.float32), tf.convert_to_tensor(np.eye(2)),
            tf.convert_to_tensor([tf.constant(1.0), 2.0]), tf.convert_to_tensor(tf.TensorShape([2, 3])),
            tf.convert_to_tensor([[tf.constant(1), 2], [3, tf.constant(4)]]), tf.convert_to_tensor("x", name="text"),
            tf.convert_to_tensor(1, preferred_dtype=tf.float32), tf.convert_to_tensor(tf.Dimension(3)),
            tf.convert_to_tensor(tf.Variable(1.0))]
    return {"made": [str(each) for each in made]}


@program(graph=True)
def placeholders(tf):
    made = [tf.placeholder(tf.float32), tf.placeholder(tf.int32, []), tf.placeholder(tf.float64, [None, 3], "rows"),
            tf.placeholder(tf.bool, (2,)), tf.placeholder(tf.string, tf.TensorShape([None])), tf.placeholder("float"),
            tf.placeholder(np.float32, 3), tf.placeholder_with_default([1.0, 2.0], [None]),
            tf.placeholder_with_default(3, [], name="d"), tf.placeholder_with_default(tf.constant(1), None)]
    with tf.Session() as session:
        values = session.run([made[7], made[8]]), session.run(made[7], {made[7]: [5.0]})
    return {"made": [str(each) for each in made], "values": values}


@program(graph=True)
def device_scopes(tf):
    made = [tf.constant(0, name="outside")]
    with tf.device("/cpu:0"):
        made.append(tf.constant(1, name="cpu"))
        with tf.device("/job:worker/task:1"):
            made.append(tf.constant(2, name="merged"))
            with tf.device("/device:GPU:2"):
                made.append(tf.constant(3, name="gpu"))
            with tf.device(None):
                made.append(tf.constant(4, name="none"))
            with tf.device(""):
                made.append(tf.constant(5, name="empty"))
        with tf.device(tf.DeviceSpec(job="ps", task=3)):
            made.append(tf.constant(6, name="spec"))
    with tf.device("/GPU:0"):
        made.append(tf.constant(7, name="upper"))
    with tf.device("/job:worker/replica:0/task:0/device:CPU:0"):
        made.append(tf.constant(8, name="full"))
        v = tf.Variable(1.0, name="v")
    with tf.device(lambda op: "/cpu:1" if op.type == "Const" else "/cpu:2"):
        made += [tf.constant(9, name="by_function"), tf.identity(made[0], name="by_function_too")]
        with tf.device("/job:a"):
            made.append(tf.constant(10, name="function_and_string"))
    with tf.device("/job:a/cpu:3"):
        with tf.device(lambda op: "/job:b"):
            made.append(tf.constant(11, name="string_and_function"))
    return {"devices": [each.device for each in made], "variable": [v.device, v.op.device, v.initializer.device]}


@program
def device_specifications(tf):
    spec = tf.DeviceSpec(job="worker", replica=0, task=1, device_type="CPU", device_index=0)
    other = tf.DeviceSpec.from_string("/job:ps/device:GPU:3")
    other.merge_from(spec)
    return {"full": spec.to_string(), "merged": other.to_string(),
            "short": tf.DeviceSpec.from_string("/cpu:0").to_string(), "empty": tf.DeviceSpec().to_string(),
            "parts": [spec.job, spec.replica, spec.task, spec.device_type, spec.device_index]}


@program(graph=True)
def control_dependencies(tf):
    a, b = tf.constant(1, name="a"), tf.constant(2, name="b")
    v = tf.Variable(1.0, name="v")
    with tf.control_dependencies([a, b.op]):
        c = tf.constant(3, name="c")
        d = tf.add(a, 1, name="uses_a")
        with tf.control_dependencies([c]):
            e = tf.no_op(name="nested")
            tf.add(c, d, name="implied")
        with tf.control_dependencies(None):
            f = tf.constant(4, name="cleared")
            with tf.control_dependencies([b]):
                tf.identity(f, name="inside_cleared")
        w = tf.Variable(2.0, name="w")
    with tf.control_dependencies([v, tf.zeros([1])]):
        tf.no_op(name="after_variable")
    with tf.control_dependencies([]):
        tf.no_op(name="free")
    with tf.get_default_graph().control_dependencies([v.assign(2.0)]):
        tf.identity(v, name="read")
    return {"control": [op.name for op in e.control_inputs], "c": [op.name for op in c.op.control_inputs],
            "w": w.name}


@program(graph=True)
def order_of_control_inputs(tf):
    """The operation keeps the order given; a GraphDef lists them sorted by name."""
    parts = [tf.no_op(name=name) for name in ("z", "a", "m")]
    with tf.control_dependencies(parts):
        op = tf.no_op(name="last")
    grouped = tf.group(*parts, name="grouped")
    return {"last": [each.name for each in op.control_inputs], "grouped": [each.name for each in grouped.control_inputs]}


@program(graph=True)
def colocation(tf):
    with tf.device("/cpu:1"):
        a = tf.constant(1.0, name="a")
    v = tf.Variable(1.0, name="v")
    with tf.colocate_with(a):
        b = tf.constant(2.0, name="b")
        with tf.colocate_with(v):
            c = tf.constant(3.0, name="c")
        with tf.colocate_with(v, ignore_existing=True):
            d = tf.constant(4.0, name="d")
        with tf.device("/cpu:0"):
            e = tf.constant(5.0, name="e")
    with tf.get_default_graph().colocate_with(v.op):
        f = tf.add(a, b, name="f")
    return {"groups": [each.op.colocation_groups() for each in (a, b, c, d, e, f)],
            "devices": [each.device for each in (a, b, c, d, e, f)]}


@program(graph=True)
def groups_and_tuples(tf):
    a, b = tf.constant(1.0, name="a"), tf.constant(2.0, name="b")
    v = tf.Variable(1.0, name="v")
    grouped = tf.group(a, b, v.assign(3.0))
    empty = tf.group()
    nested = tf.group([a, [b]], name="nested")
    with tf.device("/cpu:0"):
        c = tf.constant(3.0, name="c")
    mixed = tf.group(a, c, name="mixed")
    x, y = tf.tuple([a, b])
    p, q, r = tf.tuple([a, None, b], name="t", control_inputs=[grouped])
    return {"names": [grouped.name, empty.name, nested.name, mixed.name, x.name, y.name, p.name, q, r.name],
            "identity": [tf.identity(a).name, tf.stop_gradient(b).name, tf.identity(v).name]}


@program(graph=True)
def print_and_assert(tf):
    a = tf.placeholder(tf.float32, [2], name="a")
    printed = tf.Print(a, [a, tf.shape(a)], "message: ", first_n=3, summarize=2)
    check = tf.Assert(tf.reduce_all(a > 0), [a, "text", 3], summarize=5)
    with tf.control_dependencies([check]):
        b = tf.identity(a)
    return {"printed": str(printed), "check": check.name, "type": check.type, "b": b.name}


@program(graph=True)
def python_functions(tf):
    x = tf.placeholder(tf.float32, [2])
    y = tf.py_func(lambda x: x * 2, [x], tf.float32)
    z, n = tf.py_func(lambda x: (x + 1, np.int64(3)), [x], [tf.float32, tf.int64], stateful=False, name="two")
    effect = tf.py_func(lambda: None, [], [], name="nothing")
    with tf.Session() as session:
        values = session.run([y, z, n], {x: [1.0, 2.0]})
        session.run(effect)
    return {"values": values, "shapes": [str(y), str(z), str(n)], "effect": type(effect).__name__}


@program(graph=True)
def sparse_and_indexed(tf):
    slices = tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([2]), tf.constant([4, 2]))
    dense = tf.convert_to_tensor(slices)
    with tf.Session() as session:
        values = session.run([dense, slices])
    return {"dense": values[0], "slices": list(values[1]), "str": str(dense), "name": slices.name,
            "type": type(values[1]).__name__, "printed": str(slices)}


@program
def round_trip(tf):
    x = tf.placeholder(tf.float32, [None], name="x")
    with tf.device("/cpu:0"):
        y = tf.multiply(x, 2.0, name="y")
    with tf.control_dependencies([y]):
        tf.add(y, 1.0, name="z")
    definition = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default() as graph:
        z, = tf.import_graph_def(definition, return_elements=["z:0"])
        named, = tf.import_graph_def(definition, {"x:0": tf.constant([5.0])}, ["z:0"], name="again")
        tf.import_graph_def(definition, name="")
        with tf.Session() as session:
            values = [session.run(z, {"import/x:0": [1.0]}), session.run(named), session.run("z:0", {"x:0": [2.0]})]
        return {"names": [op.name for op in graph.get_operations()], "z": z.name, "named": named.name, "values": values,
                "device": [op.device for op in graph.get_operations()],
                "control": [op.name for op in z.op.control_inputs]}


@program
def several_graphs(tf):
    first = tf.get_default_graph()
    second = tf.Graph()
    with second.as_default():
        a = tf.constant(1, name="a")
        inside = tf.get_default_graph() is second
    b = tf.constant(2, name="a")
    with tf.Session(graph=second) as session:
        value = session.run(a)
        within = tf.get_default_graph() is second
    return {"names": [a.name, b.name], "inside": inside, "within": within, "value": value,
            "graphs": [a.graph is second, b.graph is first], "session": tf.get_default_session() is None}


@program
def shapes(tf):
    made = [tf.TensorShape(None), tf.TensorShape([]), tf.TensorShape([1, None, 3]), tf.TensorShape(5)]
    x = tf.placeholder(tf.float32)
    before = str(x.shape)
    x.set_shape([None, 2])
    y = tf.placeholder(tf.float32, [3, None])
    y.set_shape([None, 4])
    merged = made[2].merge_with([None, 2, 3])
    return {"str": [str(each) for each in made], "repr": [repr(each) for each in made], "ndims": [each.ndims for each in made],
            "defined": [each.is_fully_defined() for each in made], "lists": [each.as_list() for each in made[1:]],
            "elements": [each.num_elements() for each in made], "set": [before, str(x.shape), str(y.shape)],
            "merged": str(merged), "concat": str(made[1].concatenate(made[2])), "slice": str(made[2][1:]),
            "equal": [tf.TensorShape([1]) == [1], tf.TensorShape([None]) == tf.TensorShape([None]) or False],
            "compatible": made[2].is_compatible_with([1, 9, 3]), "with_rank": str(made[2].with_rank(3)),
            "dimension": [made[2][0].value, made[2][1].value, str(made[2][1]), repr(made[2][0])],
            "sum": repr(tf.Dimension(3) + 2), "product": repr(tf.Dimension(3) * tf.Dimension(None)),
            "bool": [bool(made[0]), bool(made[1])]}


@program
def dtypes(tf):
    kinds = [tf.float16, tf.float32, tf.float64, tf.bfloat16, tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16,
             tf.uint32, tf.uint64, tf.bool, tf.string, tf.complex64, tf.complex128, tf.qint8, tf.resource]
    return {"names": [each.name for each in kinds], "repr": [repr(each) for each in kinds],
            "numbers": [each.as_datatype_enum for each in kinds], "sizes": [each.size for each in kinds],
            "floating": [each.is_floating for each in kinds], "integer": [each.is_integer for each in kinds],
            "complex": [each.is_complex for each in kinds], "unsigned": [bool(each.is_unsigned) for each in kinds],
            "limits": [[str(each.min), str(each.max)] for each in kinds[4:8]],
            "as": [repr(tf.as_dtype(each)) for each in ("float32", np.int64, np.dtype("int8"), "half", "float32_ref", 1, tf.int32)],
            "real": repr(tf.complex64.real_dtype), "numpy": [str(np.dtype(each.as_numpy_dtype)) for each in kinds[:3]],
            "half": tf.half is tf.float16, "equal": [tf.float32 == "float32", tf.float32 == np.float32]}
