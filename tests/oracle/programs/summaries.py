"""Summary ops: nodes, tags and what is in them."""
import numpy as np
from catalog import program


def parsed(tf, text):
    """Tag, kind and value of every entry of a serialized Summary."""
    seen = []
    for value in tf.Summary.FromString(text).value:
        kind = value.WhichOneof("value")
        if kind == "histo":
            histogram = value.histo
            seen.append([value.tag, kind, [histogram.min, histogram.max, histogram.num, histogram.sum, histogram.sum_squares],
                         list(histogram.bucket_limit), list(histogram.bucket)])
        else:
            seen.append([value.tag, kind, np.float32(value.simple_value)])
    return seen


@program(graph=True)
def scalar_and_histogram(tf):
    x = tf.placeholder(tf.float32, [None], name="x")
    scalar = tf.summary.scalar("total", tf.reduce_sum(x))
    histogram = tf.summary.histogram("values", x)
    with tf.name_scope("scope"):
        inner = tf.summary.scalar("total", tf.reduce_mean(x))
        family = tf.summary.scalar("mean", tf.reduce_mean(x), family="fam")
    twice = tf.summary.scalar("total", tf.reduce_max(x))
    merged = tf.summary.merge([scalar, histogram], name="both")
    everything = tf.summary.merge_all()
    with tf.Session() as session:
        texts = session.run([scalar, histogram, inner, family, twice, merged, everything], {x: [1.0, 2.0, -0.5, 0.0, 1e6]})
    return {"names": [str(each) for each in (scalar, histogram, inner, family, twice, merged, everything)],
            "parsed": [parsed(tf, text) for text in texts],
            "collection": [each.name for each in tf.get_collection(tf.GraphKeys.SUMMARIES)]}


@program(graph=True)
def names_and_collections(tf):
    tags = [tf.summary.scalar("a b/c:d", 1.0).name, tf.summary.scalar("ok", 1, collections=["mine"]).name,
            tf.summary.histogram("h", [1, 2], collections=[]).name, tf.summary.scalar("/slash", 2.0).name]
    merged = [tf.summary.merge_all("mine"), tf.summary.merge_all("nothing")]
    return {"tags": tags, "merged": [str(each) for each in merged]}


@program
def histograms(tf):
    cases = {"integers": np.array([1, 1, 2, 5]), "doubles": np.array([0.5, -0.5]), "empty": np.zeros([0], np.float32),
             "zeros": np.zeros([3], np.float32), "one": np.float32(3.0), "tiny": np.array([1e-13, 1e-12, 2e-12], np.float32),
             "normal": np.random.RandomState(1).randn(100).astype(np.float32)}
    with tf.Session() as session:
        return {name: parsed(tf, session.run(tf.summary.histogram(name, tf.constant(value)))) for name, value in sorted(cases.items())}
