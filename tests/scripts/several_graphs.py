"""Two graphs, three sessions, and what passes between them: values, a GraphDef, tensors found by name."""
import graphcore as tf

first = tf.Graph()
with first.as_default():
    side = tf.placeholder(tf.float32, shape=(), name="side")
    with tf.name_scope("square"):
        area = tf.multiply(side, side, name="area")
        around = tf.multiply(4.0, side, name="around")
    visits = tf.Variable(0, trainable=False, name="visits")
    count = tf.assign_add(visits, 1, name="count")
    init = tf.global_variables_initializer()
    tf.add_to_collection("answers", area)
    tf.add_to_collection("answers", around)
    first.finalize()

second = tf.Graph()
with second.as_default(), tf.device("/cpu:0"):
    values = tf.placeholder(tf.float32, [None], name="values")
    spread = tf.reduce_max(values) - tf.reduce_min(values)
    mean, variance = tf.nn.moments(values, axes=[0])

with tf.Session(graph=first) as sess:
    sess.run(init)
    by_name = sess.run(["square/area:0", "square/around:0"], feed_dict={"side:0": 3.0})
    print("by name:", [float(value) for value in by_name])
    handed_over = []
    for length in (1.0, 2.0, 5.0):
        value, _ = sess.run([area, count], {side: length})
        handed_over.append(value)
    print("visits:", sess.run("visits:0"), [tensor.op.name for tensor in tf.get_collection("answers")])

with tf.Session(graph=second) as sess:
    print("spread %.2f mean %.4f variance %.4f" % tuple(sess.run([spread, mean, variance], {values: handed_over})))
    print(repr(spread.op.device), repr(values.graph is second))

# State belongs to a session: another one on the same graph starts anew.
with tf.Session(graph=first) as sess:
    sess.run(init)
    print("visits in another session:", visits.eval())

# The first graph inside a third, its placeholder replaced by something computed.
definition = first.as_graph_def()
with tf.Graph().as_default() as third:
    base = tf.constant(1.5, name="base")
    (copy,) = tf.import_graph_def(definition, input_map={"side": base * 2}, return_elements=["square/area:0"], name="copied")
    with tf.Session() as sess:
        print(copy.name, sess.run(copy))
    print(len(first.get_operations()), len(third.get_operations()), third.get_tensor_by_name("copied/visits:0").dtype)

for name, attempt in [
    ("finalized", lambda: first.create_op("NoOp", [], [])),
    ("no such name", lambda: second.get_tensor_by_name("nothing:0")),
    ("foreign tensor", lambda: tf.Session(graph=second).run(area)),
    ("unfed", lambda: tf.Session(graph=second).run(mean)),
]:
    try:
        attempt()
    except Exception as error:
        print(name + ":", type(error).__name__)
