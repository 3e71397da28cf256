"""Every registered op × every promise of its declaration: example, shape, dtype, gradient, GraphDef, wrong input."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.autodiff.check import compute_gradient
from graphcore.core import dtypes
from graphcore.core.dtypes import DType, as_dtype
from graphcore.core.opdef import REGISTRY, TypeAttr
from tests.tolerances import assert_close

EXAMPLES = sorted(name for name, op in REGISTRY.items() if op.example and not any(i.ref for i in op.inputs))
FLOATS = {dtypes.float32, dtypes.float64}


def ops_with_examples():
    return pytest.mark.parametrize("op", [REGISTRY[name] for name in EXAMPLES], ids=EXAMPLES)


def split(op):
    """(inputs in order, attributes, expected outputs in order) of an op's example."""
    example = dict(op.example)
    inputs = [example.pop(i.name) for i in op.inputs]
    outputs = [example.pop(o.name) for o in op.outputs if o.name in example]
    return inputs, example, outputs


def constants(op, inputs, wide=False):
    """The example's inputs as constants; float64 ones where the op allows and ``wide`` asks for it."""
    made = []
    for declared, value in zip(op.inputs, inputs):
        dtype = declared.type if isinstance(declared.type, DType) else None
        made.append([constant(v, declared, dtype, wide) for v in value] if declared.is_list else constant(value, declared, dtype, wide))
    return made


def constant(value, declared, dtype, wide):
    if dtype is None and isinstance(declared.type, TypeAttr) and not isinstance(value, np.ndarray):
        guess = as_dtype(tf.constant(value).dtype)
        if guess not in declared.type.allowed and declared.type.default:
            dtype = declared.type.default
        elif guess not in declared.type.allowed:
            dtype = next((d for d in (dtypes.int64, dtypes.int32, dtypes.float32) if d in declared.type.allowed), None)
    if wide and dtype is None and isinstance(declared.type, TypeAttr) and dtypes.float64 in declared.type.allowed:
        made = tf.constant(value)
        dtype = dtypes.float64 if made.dtype == dtypes.float32 else None
    return tf.constant(value, dtype)


def listed(result):
    if isinstance(result, tf.Operation):
        return []
    if not isinstance(result, list):
        return [result]
    return [t for r in result for t in (r if isinstance(r, list) else [r])]


def expected_of(op, outputs):
    return [e for o, value in zip(op.outputs, outputs) for e in (value if o.is_list else [value])]


@ops_with_examples()
def test_the_example_holds(op):
    inputs, attrs, outputs = split(op)
    results = listed(op.build(*constants(op, inputs), **attrs))
    with tf.Session() as session:
        values = session.run(results)
    if op.stateful:
        return  # random: shapes and dtypes are tested below
    for tensor, value, expected in zip(results, values, expected_of(op, outputs)):
        if tensor.dtype == tf.string:
            assert np.asarray(value).tolist() == np.asarray(expected, object).tolist()
        else:
            assert_close(np.asarray(expected), value)


@ops_with_examples()
def test_static_shape_and_dtype_agree_with_the_kernel(op):
    inputs, attrs, _ = split(op)
    results = listed(op.build(*constants(op, inputs), **attrs))
    with tf.Session() as session:
        values = session.run(results)
    for tensor, value in zip(results, values):
        assert tensor.shape.is_compatible_with(np.shape(value)), (tensor.shape, np.shape(value))
        if tensor.dtype != tf.string:
            assert np.asarray(value).dtype == tensor.dtype.np


@ops_with_examples()
def test_unknown_shapes_are_inferred_and_run(op):
    inputs, attrs, _ = split(op)
    known = constants(op, inputs)
    with tf.Session() as session:
        wanted = session.run(listed(op.build(*known, **attrs)))
        for blur in (lambda shape: None, lambda shape: [None] * shape.ndims):
            feeds, blurred = {}, []
            for declared, value in zip(op.inputs, known):
                made = [blurred_placeholder(v, blur, feeds, session, declared) for v in (value if declared.is_list else [value])]
                blurred.append(made if declared.is_list else made[0])
            results = listed(op.build(*blurred, **attrs))
            values = session.run(results, feeds)
            for tensor, value, same in zip(results, values, wanted):
                assert tensor.shape.is_compatible_with(np.shape(value))
                assert np.shape(value) == np.shape(same) or op.stateful


def blurred_placeholder(tensor, blur, feeds, session, declared):
    if declared.static or tensor.dtype == tf.resource:
        return tensor
    made = tf.placeholder(tensor.dtype, blur(tensor.shape))
    feeds[made] = session.run(tensor)
    return made


@ops_with_examples()
def test_graph_def_round_trip(op):
    inputs, attrs, _ = split(op)
    op.build(*constants(op, inputs), **attrs)
    message = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default() as other:
        tf.import_graph_def(message, name="")
        again = other.as_graph_def()
    assert again == message


# Outputs whose derivative TF leaves out: a gradient itself, for second derivatives in the logits only.
PARTLY = {"SoftmaxCrossEntropyWithLogits": 1, "SparseSoftmaxCrossEntropyWithLogits": 1, "MaxPoolGradWithArgmax": 0,
          "MaxPool3DGradGrad": 0,  # its gradient takes no float64
          "CTCLoss": 1,
          "Dilation2DBackpropInput": 0, "Dilation2DBackpropFilter": 0, "FractionalMaxPoolGrad": 0, "FractionalAvgPoolGrad": 0, "Lu": 0}
# Symmetric inputs of which one triangle is read: TF gives each of two equal elements half of the derivative.
HALVED = {"Cholesky"}
# Ops whose gradient TF names but has not: asking for it raises NotImplementedError.
REFUSED = {"SparseDenseCwiseAdd", "SparseSparseMaximum", "SparseSparseMinimum"}
DIFFERENTIABLE = [n for n in EXAMPLES if REGISTRY[n].differentiable and not REGISTRY[n].stateful and n not in REFUSED]


@pytest.mark.parametrize("op", [REGISTRY[n] for n in DIFFERENTIABLE], ids=DIFFERENTIABLE)
def test_gradient_equals_central_differences(op):
    inputs, attrs, _ = split(op)
    if any(key in op.attrs and isinstance(op.attrs[key], TypeAttr) for key in attrs):
        attrs = {k: (dtypes.float64 if v == dtypes.float32 else v) for k, v in attrs.items()}
    tensors = constants(op, inputs, wide=True)
    results = [t for t in listed(op.build(*tensors, **attrs))[:PARTLY.get(op.op_name)] if t.dtype == tf.float64]
    sources = [t for group in tensors for t in (group if isinstance(group, list) else [group]) if t.dtype == tf.float64]
    with tf.Session() as session:
        for y in results:
            for x in sources:
                if tf.gradients(y, x)[0] is None:
                    continue
                start, end = session.run([x, y])
                theory, numeric = compute_gradient(x, start.shape, y, end.shape, start, delta=1e-6)
                if op.op_name in HALVED:
                    numeric = (numeric + numeric.reshape(*start.shape, -1).swapaxes(0, 1).reshape(numeric.shape)) / 2
                np.testing.assert_allclose(theory, numeric, rtol=1e-5, atol=1e-6)


TYPED = [n for n in EXAMPLES if REGISTRY[n].inputs and isinstance(REGISTRY[n].inputs[0].type, TypeAttr) and
         not REGISTRY[n].inputs[0].is_list and not {dtypes.string, dtypes.bool} <= REGISTRY[n].inputs[0].type.allowed]


@pytest.mark.parametrize("op", [REGISTRY[n] for n in TYPED], ids=TYPED)
def test_a_wrong_dtype_is_refused(op):
    inputs, attrs, _ = split(op)
    wrong = tf.string if tf.string not in op.inputs[0].type.allowed else tf.bool
    if wrong not in op.inputs[0].type.allowed:
        with pytest.raises((TypeError, ValueError)):
            op.build(tf.placeholder(wrong), *constants(op, inputs)[1:], **attrs)


@ops_with_examples()
def test_a_wrong_number_of_inputs_is_refused_by_name(op):
    inputs, attrs, _ = split(op)
    with pytest.raises(TypeError):
        op.build(*constants(op, inputs), tf.constant(1.0), **attrs)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_declarations_say_what_they_are(name):
    op = REGISTRY[name]
    assert op.__doc__.strip()
    assert op.differentiable == (op.grad is not None)


def test_ops_without_an_example_are_known():
    """Only ops that need a variable, a branch or a fed value have none, or whose effect is tested elsewhere.

    The files of pictures are long, and a PNG's bytes are its compressor's: tests/ops/test_images.py has them.
    """
    without = [n for n, op in REGISTRY.items() if not op.example and not any(i.ref for i in op.inputs)
               and not any(i.type is dtypes.resource for i in op.inputs) and not op.variable and not op.branch]
    assert set(without) <= {"Placeholder", "NoOp", "ControlTrigger", "PyFunc", "PyFuncStateless", "PreventGradient",
                            "Print", "PrintV2", "Assert", "ParallelConcat", "StringFormat", "HistogramSummary",
                            "ImageSummary", "EncodePng", "EncodeJpeg", "EncodeJpegVariableQuality", "DecodeJpeg",
                            "DecodeAndCropJpeg", "ExtractJpegShape"}


@ops_with_examples()
def test_results_are_the_users_own(op):
    """What a run returns shares no memory with what was fed: an op that passes its input on has to say ``aliases=True``."""
    inputs, attrs, _ = split(op)
    feeds, fed = {}, []
    with tf.Session() as session:
        for declared, value in zip(op.inputs, constants(op, inputs)):
            made = [blurred_placeholder(v, lambda shape: None, feeds, session, declared) for v in (value if declared.is_list else [value])]
            fed.append(made if declared.is_list else made[0])
        for tensor in feeds:
            feeds[tensor] = np.array(feeds[tensor], order="C")
        before = {tensor: value.copy() for tensor, value in feeds.items()}
        results = [t for t in listed(op.build(*fed, **attrs)) if t.dtype != tf.resource]
        earlier = []
        for _ in range(3):  # interpreted, then compiled
            values = session.run(results, feeds)
            assert not any(np.shares_memory(v, e) for v in values for e in earlier if np.asarray(v).dtype != object)
            earlier += values
            for value in values:
                assert not any(np.shares_memory(value, array) for array in feeds.values() if array.dtype != object)
    for tensor, value in feeds.items():
        assert np.array_equal(value, before[tensor]) or value.dtype.kind in "fc"
