"""Summary ops: nodes, tags and what is in them."""
import io

import numpy as np
from catalog import program, raises


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


def media(tf, text):
    """Tag and fields of every image, sound and tensor of a serialized Summary; PNG files as their pixels."""
    from PIL import Image

    seen = []
    for value in tf.Summary.FromString(text).value:
        if value.WhichOneof("value") == "image":
            held = value.image
            pixels = np.array(Image.open(io.BytesIO(held.encoded_image_string)))
            seen.append([value.tag, held.height, held.width, held.colorspace, pixels])
        elif value.WhichOneof("value") == "audio":
            held = value.audio
            seen.append([value.tag, np.float32(held.sample_rate), held.num_channels, held.length_frames, held.content_type,
                         held.encoded_audio_string])
        else:
            seen.append([value.tag, value.tensor.SerializeToString(), value.metadata.SerializeToString()])
    return seen


@program(graph=True)
def image_audio_and_text(tf):
    pictures = tf.placeholder(tf.float32, [None, 2, 2, 3], name="pictures")
    waves = tf.placeholder(tf.float32, [None, 4], name="waves")
    with tf.name_scope("scope"):
        ops = [tf.summary.image("first", pictures), tf.summary.image("one", pictures, max_outputs=1, family="fam"),
               tf.summary.image("bytes", tf.cast(pictures, tf.uint8), 2, collections=["mine"]),
               tf.summary.image("an array", np.arange(8, dtype=np.uint8).reshape([2, 2, 2, 1])),
               tf.summary.audio("first", waves, 8000), tf.summary.audio("one", waves, tf.constant(44100.7), 1, family="fam"),
               tf.summary.text("words", tf.constant(["a", "b"])),
               tf.summary.tensor_summary("whole", tf.shape(pictures), "what it is", display_name="Whole", family="fam")]
    merged = tf.summary.merge_all(name="merge all")
    feeds = {pictures: np.arange(48, dtype=np.float32).reshape([4, 2, 2, 3]), waves: np.linspace(-1.5, 1.5, 8).reshape([2, 4])}
    with tf.Session() as session:
        texts = session.run(ops + [merged], feeds)
    return {"names": [op.name for op in ops + [merged]], "contents": [media(tf, text) for text in texts],
            "mine": [op.name for op in tf.get_collection("mine")]}


@program
def rescaled_images(tf):
    nan, infinite = float("nan"), float("inf")
    cases = [[0, 1, 2, 3], [-1, 0, 1, 2], [-5, 0, 1, 2], [nan, 0, 1, 2], [nan] * 4, [infinite, -infinite, 1, 3], [1e-7, 0, 0, 0],
             [-1e-7, 0, 0, 0], [1e-4, 5e-5, 0, 0], [-1e-4, 5e-5, 0, 0], [60000, 30000, 1, 7], [-60000, 30000, 1, 7], [0, 0] * 2]
    found = {}
    with tf.Session() as session:
        for dtype in (np.float16, np.float32, np.float64):
            image = tf.summary.image(dtype.__name__, tf.constant(np.array(cases, dtype).reshape([-1, 2, 2, 1])), len(cases))
            random = np.random.RandomState(3).randn(2, 5, 7, 4).astype(dtype)
            random[1, 2, 3, 1] = nan
            noise = tf.summary.image("noise", tf.stack([tf.constant(random), abs(random)])[:, 0] * 3)
            found[dtype.__name__] = [media(tf, session.run(each)) for each in (image, noise)]
        huge = tf.summary.image("huge", tf.constant([1e39, 1, 0, 5e38, -1e300, 1, 0, 1], tf.float64, [2, 2, 2, 1]))
        nothing = tf.summary.image("nothing", tf.zeros([0, 2, 2, 1]))
        found["huge"], found["nothing"] = [media(tf, session.run(each)) for each in (huge, nothing)]
    return found


@program
def sounds(tf):
    loud = [2, -2, float("nan"), float("inf"), -float("inf"), 0.5, -0.5, 0.99999, -0.99999, 1.5 / 32768, 0.5 / 32768,
            -1.5 / 32768, -0.5 / 32768, 2.5 / 32768, 0.49999997 / 32768, 1, -1, 1e38]
    noise = np.random.RandomState(5).randn(5, 9, 3).astype(np.float32)
    cases = [([loud], 1, 1), (noise, 8000, 3), (noise, 22050.5, 9), (noise[:1, :, :1], 0.3, 1), (noise[:, :, 0], 2.5, 2),
             (noise[:1, :2, :1], 4294900000.0, 1), (noise[:0], 100, 3)]
    with tf.Session() as session:
        return {str(number): media(tf, session.run(tf.summary.audio("sound", tf.constant(sound, tf.float32), rate, most)))
                for number, (sound, rate, most) in enumerate(cases)}


@program
def whole_tensors(tf):
    values = [[1.0, 2.0], 1, True, [[b"a", b""], [b"\xff", b"b"]], [1 + 2j], np.array([1, 2], np.float16), np.zeros([0, 2], np.uint8),
              np.array([-1, 2], np.int8), np.float64(0.5), np.array([[1, 300]], np.uint16)]
    metadata = tf.SummaryMetadata(plugin_data=tf.SummaryMetadata.PluginData(plugin_name="mine", content=b"\x01"))
    with tf.Session() as session:
        found = {str(number): media(tf, session.run(tf.summary.tensor_summary("whole", tf.constant(value))))
                 for number, value in enumerate(values)}
        found["bfloat16"] = media(tf, session.run(tf.summary.tensor_summary("half", tf.constant([1.5, -2.0], tf.bfloat16))))
        found["plugin"] = media(tf, session.run(tf.summary.tensor_summary("plug", [1], summary_metadata=metadata)))
    return found


@program
def descriptions(tf):
    node = tf.NodeDef(op="TensorSummary")
    node.attr["description"].s = b'{"type_hint": "points"}'
    return {"hint": tf.summary.get_summary_description(node).type_hint}


@raises("Can't get_summary_description on Const")
def description_of_another_op(tf):
    tf.summary.get_summary_description(tf.constant(1).op.node_def)


@raises("to have dtype string, got <dtype: 'int32'>")
def text_of_numbers(tf):
    tf.summary.text("words", tf.constant(1))


@raises("'str' object has no attribute 'dtype'")
def text_that_is_no_tensor(tf):
    tf.summary.text("words", "text")


@raises("At least one of name (None) and default_name (None) must be provided.")
def image_without_name(tf):
    tf.summary.image(None, tf.zeros([1, 2, 2, 1]))


@raises("Attr 'max_images' of 'ImageSummary' Op passed 0 less than minimum 1.")
def no_images(tf):
    tf.summary.image("picture", tf.zeros([1, 2, 2, 1]), max_outputs=0)


@raises("Attr 'max_outputs' of 'AudioSummaryV2' Op passed -1 less than minimum 1.")
def no_sounds(tf):
    tf.summary.audio("sound", tf.zeros([1, 2]), 1, max_outputs=-1)


@raises("Value passed to parameter 'tensor' has DataType int32 not in list of allowed values: ")
def image_of_integers(tf):
    tf.summary.image("picture", tf.constant([[[[1]]]]))


@raises("Tensor must be 4-D with last dim 1, 3, or 4, not [2,2]")
def image_of_a_matrix(tf):
    tf.Session().run(tf.summary.image("picture", tf.zeros([2, 2])))


@raises("Tensor must be 4-D with last dim 1, 3, or 4, not [1,2,2,2]")
def image_of_two_channels(tf):
    tf.Session().run(tf.summary.image("picture", tf.zeros([1, 2, 2, 2], tf.uint8)))


@raises("input tensor must have non-zero dims. Found: [4, 0, 2, 1].")
def image_without_rows(tf):
    tf.Session().run(tf.summary.image("picture", tf.zeros([4, 0, 2, 1])))


@raises("Tensor must be 3-D or 2-D, got: [3]")
def sound_of_a_vector(tf):
    tf.Session().run(tf.summary.audio("sound", tf.zeros([3]), 1))


@raises("audio is null")
def sound_without_frames(tf):
    tf.Session().run(tf.summary.audio("sound", tf.zeros([1, 0]), 1))


@raises("sample_rate must be > 0")
def sound_without_rate(tf):
    tf.Session().run(tf.summary.audio("sound", tf.zeros([1, 1]), 0))


@raises("sample_rate must be in (0, 2^32), got: 999999995904")
def sound_of_too_high_a_rate(tf):
    tf.Session().run(tf.summary.audio("sound", tf.zeros([1, 1]), 1e12))


@raises("num_channels must be in (0, 2^16), got: 70000")
def sound_of_too_many_channels(tf):
    tf.Session().run(tf.summary.audio("sound", tf.zeros([1, 1, 70000]), 1))
