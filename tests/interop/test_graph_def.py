"""GraphDefs: what TF recorded is imported and exported again unchanged; what is no graph is told, and leaves nothing behind."""

import os
import re
import sys

import pytest
from google.protobuf import text_format

import graphcore as tf
from graphcore.core.opdef import REGISTRY

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "oracle"))

import canonical
import catalog
import decode
import replay

RECORDED = {f"{subject}.{name}": answer["graph"] for subject in catalog.subjects()
            for name, answer in replay.goldens(subject).items() if "graph" in answer}


def graph_def(text):
    """A GraphDef in text form."""
    return text_format.Parse(text, tf.GraphDef())


def exported(definition, name=""):
    """The GraphDef of a new graph into which ``definition`` was imported."""
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name=name)
        return graph.as_graph_def()


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("name", list(RECORDED))
def test_recorded_graphs_are_exported_as_they_were_imported(name):
    nodes = RECORDED[name]
    unknown = sorted({op for _, op, *_ in nodes} - set(REGISTRY))
    if unknown:
        pytest.skip(f"ops that are not built: {', '.join(unknown)}")
    definition = decode.decode_graph(nodes)
    wanted, given = canonical.encode_graph(definition), canonical.encode_graph(exported(definition))
    if not in_order(nodes):
        wanted, given = sorted(wanted, key=str), sorted(given, key=str)
    assert canonical.listing(given) == canonical.listing(wanted)


def in_order(nodes):
    """Whether every node comes after its inputs; TF lists a conditional's operations before their Switches."""
    seen = set()
    for name, _, inputs, *_ in nodes:
        if any(text.lstrip("^").partition(":")[0] not in seen for text in inputs):
            return False
        seen.add(name)
    return True


def test_recorded_graphs_are_read_back_from_their_text():
    for name, nodes in RECORDED.items():
        again = canonical.encode_graph(decode.decode_graph(nodes))
        for theirs, ours in zip(nodes, again):
            if "sha1=" not in str(theirs):
                assert canonical.node_line(*theirs) == canonical.node_line(*ours), name


def test_nodes_may_come_in_any_order():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        with tf.control_dependencies([tf.no_op(name="first")]):
            tf.add(x, 1.0, name="y")
        definition = graph.as_graph_def()
    turned = tf.GraphDef()
    turned.node.extend(reversed(definition.node))
    assert {node.name: node for node in exported(turned).node} == {node.name: node for node in definition.node}


def test_a_long_chain_is_imported():
    definition = graph_def('node {name: "n0" op: "NoOp"}')
    for number in range(1, 20000):
        definition.node.add(name=f"n{number}", op="NoOp").input.append(f"^n{number - 1}")
    assert len(exported(definition).node) == 20000


# ---------------------------------------------------------------- arguments of import_graph_def


@pytest.fixture
def doubling():
    """The GraphDef of ``y = x * x + x``, of which the product waits for ``c``."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        with tf.control_dependencies([tf.constant(1, name="c")]):
            product = tf.multiply(x, x, name="product")
        tf.add(product, x, name="y")
        return graph.as_graph_def()


def test_prefix_is_import_and_unique(doubling):
    tf.import_graph_def(doubling)
    tf.import_graph_def(doubling)
    names = [op.name for op in tf.get_default_graph().get_operations()]
    assert names[:4] == ["import/x", "import/c", "import/product", "import/y"]
    assert names[4:] == ["import_1/" + name[7:] for name in names[:4]]


def test_prefix_is_below_the_name_scope(doubling):
    with tf.name_scope("outer"):
        y, = tf.import_graph_def(doubling, return_elements=["y"], name="inner")
    assert y.name == "outer/inner/y"


def test_input_map_and_return_elements(doubling):
    mine = tf.constant([10.0, 20.0], name="mine")
    y, x_op, product = tf.import_graph_def(doubling, {"x:0": mine}, ["y:0", "x", "product:0"])
    assert (y.name, x_op.name, product.name) == ("import/y:0", "import/x", "import/product:0")
    assert [t.name for t in y.op.inputs] == ["import/product:0", "mine:0"]
    with tf.Session() as session:
        assert session.run(y).tolist() == [110.0, 420.0]


@pytest.mark.parametrize("key", ["x", "x:0", b"x"])
def test_keys_of_input_map(doubling, key):
    mine = tf.constant([1.0, 2.0])
    y, = tf.import_graph_def(doubling, {key: mine}, ["y:0"])
    assert y.op.inputs[1] is mine


def test_a_control_input_is_mapped(doubling):
    mine = tf.no_op(name="mine")
    product, = tf.import_graph_def(doubling, {"^c": mine}, ["product"])
    assert product.control_inputs == [mine]


def test_names_that_are_taken_get_numbers(doubling):
    tf.import_graph_def(doubling, name="")
    y, = tf.import_graph_def(doubling, return_elements=["y"], name="")
    assert (y.name, [t.name for t in y.inputs]) == ("y_1", ["product_1:0", "x_1:0"])


def test_names_may_differ_in_case_alone():
    assert [node.name for node in exported(graph_def(X + identity("X", "x"))).node] == ["x", "X"]


def test_values_of_input_map_become_constants(doubling):
    y, = tf.import_graph_def(doubling, {"x": [1.0, 2.0]}, ["y"])
    assert [t.name for t in y.inputs] == ["import/product:0", "import/_inputs/Const:0"]


def test_all_imported_nodes_wait_for_the_control_dependencies_outside(doubling):
    with tf.control_dependencies([tf.no_op(name="first")]):
        tf.import_graph_def(doubling, name="")
    waiting = {op.name: [c.name for c in op.control_inputs] for op in tf.get_default_graph().get_operations()[1:]}
    assert waiting == {"x": ["first"], "c": ["first"], "product": ["c", "first"], "y": ["first"]}


def test_devices_and_control_inputs_come_along(doubling):
    doubling.node[0].device = "/device:CPU:1"
    x, product = tf.import_graph_def(doubling, return_elements=["x", "product"])
    assert x.device == "/device:CPU:1"
    assert [op.name for op in product.control_inputs] == ["import/c"]


def test_colocation_follows_the_prefix():
    with tf.Graph().as_default() as graph:
        tf.Variable(1.0, name="v")
        definition = graph.as_graph_def()
    assign, = tf.import_graph_def(definition, return_elements=["v/Assign"])
    assert assign.colocation_groups() == [b"loc:@import/v"]


@pytest.mark.parametrize(("arguments", "error", "phrase"), [
    (dict(input_map={"nobody:0": 1}), ValueError, "Attempted to map inputs that were not found in graph_def: [nobody:0]"),
    (dict(input_map={"x:3": 1}), ValueError, "Attempted to map inputs that were not found in graph_def: [x:3]"),
    (dict(return_elements=["nobody"]), ValueError, "Requested return node 'nobody' not found in graph def"),
    (dict(return_elements=["y:5"]), ValueError, "Invalid return output 5 of node 'y', which has 1 output(s)"),
    (dict(return_elements="y"), TypeError, "return_elements must be a list of strings."),
    (dict(return_elements=[3]), TypeError, "return_elements must be a list of strings."),
    (dict(input_map=[1]), TypeError, "input_map must be a dictionary mapping strings to Tensor objects."),
])
def test_wrong_arguments(doubling, arguments, error, phrase):
    if isinstance(arguments.get("input_map"), dict):
        arguments = dict(input_map={key: tf.constant([1.0, 2.0]) for key in arguments["input_map"]})
    before = tf.get_default_graph().get_operations()
    with pytest.raises(error, match=re.escape(phrase)):
        tf.import_graph_def(doubling, **arguments)
    assert tf.get_default_graph().get_operations() == before


@pytest.mark.parametrize("value", [None, 3, "text", b"\x00\x01", [], {}])
def test_what_is_no_graph_def(value):
    with pytest.raises(TypeError, match="graph_def must be a GraphDef proto."):
        tf.import_graph_def(value)


def test_import_into_a_finalized_graph(doubling):
    tf.get_default_graph().finalize()
    with pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified."):
        tf.import_graph_def(doubling)


# ---------------------------------------------------------------- hostile messages

X = 'node {name: "x" op: "Placeholder" attr {key: "dtype" value {type: DT_FLOAT}}}'
FLOAT = 'attr {key: "T" value {type: DT_FLOAT}}'


def identity(name, *inputs, attrs=FLOAT):
    return f'node {{name: "{name}" op: "Identity" {" ".join(f"input: {i!r}" for i in inputs)} {attrs}}}'


def const(tensor, dtype="DT_FLOAT", name="c"):
    return (f'node {{name: "{name}" op: "Const" attr {{key: "dtype" value {{type: {dtype}}}}} '
            f'attr {{key: "value" value {{tensor {{{tensor}}}}}}}}}')


def placeholder(attrs):
    return f'node {{name: "a" op: "Placeholder" {attrs}}}'


def added(count, *inputs):
    return (f'node {{name: "a" op: "AddN" {" ".join(f"input: {i!r}" for i in inputs)} {FLOAT} '
            f'attr {{key: "N" value {{i: {count}}}}}}}')


DTYPE = 'attr {key: "dtype" value {type: DT_FLOAT}}'
HOSTILE = {
    "missing input": (identity("a", "b"), "Node 'a': Unknown input node 'b'"),
    "cycle": (identity("a", "b") + identity("b", "a"), "cycle"),
    "cycle of one": (identity("a", "a"), "cycle"),
    "cycle of control inputs": ('node {name: "a" op: "NoOp" input: "^b"} node {name: "b" op: "NoOp" input: "^a"}', "cycle"),
    "attribute of another kind": (X + identity("a", "x", attrs='attr {key: "T" value {i: 1}}'), "AttrValue of 'T'"),
    "attribute that lies about its input": (X + identity("a", "x", attrs='attr {key: "T" value {type: DT_INT32}}'), "does not match"),
    "attribute missing": (X + identity("a", "x", attrs=""), "NodeDef missing attr 'T' from Op<name=Identity"),
    "dtype missing": (placeholder(""), "NodeDef missing attr 'dtype' from Op<name=Placeholder"),
    "value missing": ('node {name: "c" op: "Const" attr {key: "dtype" value {type: DT_FLOAT}}}', "NodeDef missing attr 'value'"),
    "attribute of no declaration": (X + identity("a", "x", attrs=FLOAT + 'attr {key: "zzz" value {i: 1}}'),
                                    "NodeDef mentions attr 'zzz' not in Op<name=Identity"),
    "dtype that does not exist": (placeholder('attr {key: "dtype" value {type: DT_INVALID}}'), "invalid DataType"),
    "dtype of a reference": (placeholder('attr {key: "dtype" value {type: DT_FLOAT_REF}}'), "must not have reference type value"),
    "too many inputs": (X + identity("a", "x", "x"), "NodeDef expected"),
    "too few inputs": (identity("a"), "NodeDef expected"),
    "output that is not there": (X + identity("a", "x:9"),
                                 "Connecting to invalid output 9 of source node x which has 1 outputs."),
    "output of a huge number": (X + identity("a", "x:99999999999999999999"), "Connecting to invalid output"),
    "output of a negative number": (X + identity("a", "x:-1"), "Unknown input node"),
    "control input of an output": (X + 'node {name: "a" op: "NoOp" input: "^x:0"}', "Unknown input node"),
    "control input before inputs": (X + identity("a", "^x", "x"), "Control dependencies must come after regular dependencies"),
    "name twice": (X + X, "Node 'x' is not unique"),
    "no name": ('node {op: "NoOp"}', "Node name contains invalid characters"),
    "name with a space": ('node {name: "a b" op: "NoOp"}', "Node name contains invalid characters"),
    "name with a line end": ('node {name: "a\\n" op: "NoOp"}', "Node name contains invalid characters"),
    "name of an output": ('node {name: "a:0" op: "NoOp"}', "Node name contains invalid characters"),
    "too few bytes": (const('dtype: DT_FLOAT tensor_shape {dim {size: 4}} tensor_content: "abcd"'), "needs 16"),
    "huge shape": (const("dtype: DT_FLOAT tensor_shape {dim {size: 1000000000000} dim {size: 1000000000000}} float_val: 1"), "2GB"),
    "shape whose size overflows": (const("dtype: DT_FLOAT tensor_shape {dim {size: 4294967296} dim {size: 4294967296}}"), "2GB"),
    "negative shape": (const("dtype: DT_FLOAT tensor_shape {dim {size: -5}}"), "negative"),
    "too many values": (const("dtype: DT_FLOAT tensor_shape {dim {size: 1}} float_val: 1 float_val: 2"), "2 values"),
    "tensor of another dtype": (const("dtype: DT_FLOAT tensor_shape {} float_val: 1", "DT_INT32"), "dtype"),
    "tensor without values": (const("dtype: DT_RESOURCE tensor_shape {}", "DT_RESOURCE"), "Unsupported tensor type"),
    "negative number of inputs": (X + added(-1, "x"), "must be at least minimum 1"),
    "no inputs": (added(0), "must be at least minimum 1"),
    "huge number of inputs": (X + added(10**12, "x"), "NodeDef expected 1000000000000 inputs, got 1"),
    "negative static shape": (placeholder(DTYPE + 'attr {key: "shape" value {shape {dim {size: -7}}}}'), "negative sizes"),
    "static shape too large": (placeholder(DTYPE + f'attr {{key: "shape" value {{shape {{dim {{size: {2**62}}} dim {{size: 4}}}}}}}}'),
                               "is too large (more than 2**63 - 1 entries)"),
    "too many dimensions": (placeholder(DTYPE + f'attr {{key: "shape" value {{shape {{{"dim {size: 1} " * 300}}}}}}}'), "dimensions"),
    "shapes that do not fit": (const("dtype: DT_FLOAT tensor_shape {dim {size: 2}} float_val: 1", name="c") + const(
        "dtype: DT_FLOAT tensor_shape {dim {size: 3}} float_val: 1", name="d") +
        f'node {{name: "e" op: "Add" input: "c" input: "d" {FLOAT}}}',
        "Dimensions must be equal, but are 2 and 3 for 'import/e' (op: 'Add') with input shapes: [2], [3]."),
    "dtype that is not allowed": (const('dtype: DT_STRING tensor_shape {} string_val: "a"', "DT_STRING") +
                                  'node {name: "e" op: "Neg" input: "c" attr {key: "T" value {type: DT_STRING}}}',
                                  "not in list of allowed values"),
    "value where a variable is due": (const("dtype: DT_FLOAT tensor_shape {} float_val: 1") +
                                      f'node {{name: "e" op: "Assign" input: "c" input: "c" {FLOAT}}}', "expected float32_ref"),
    "device that does not parse": ('node {name: "a" op: "NoOp" device: "/nonsense:x"}', "Unknown attribute: 'nonsense'"),
    "function": ('node {name: "a" op: "NoOp" attr {key: "_f" value {func {name: "g"}}}}', "functions are not built yet"),
    "colocation with nobody": ('node {name: "a" op: "NoOp" attr {key: "_class" value {list {s: "loc:@nobody"}}}}',
                               "Node 'a' expects to be colocated with unknown node 'nobody'"),
    "colocation that is no text": ('node {name: "a" op: "NoOp" attr {key: "_class" value {list {s: "loc:@\\377"}}}}',
                                   "expects to be colocated with unknown node"),
    "colocation of another kind": ('node {name: "a" op: "NoOp" attr {key: "_class" value {i: 3}}}', "no list of strings"),
    "list of another kind": (X + f'node {{name: "a" op: "Squeeze" input: "x" {FLOAT} attr {{key: "squeeze_dims" value '
                             '{list {s: "a"}}}}', "expected a list of i"),
    "text that is not allowed": (const("dtype: DT_FLOAT tensor_shape {dim {size: 1} dim {size: 1}} float_val: 1") +
                                 f'node {{name: "a" op: "BiasAdd" input: "c" input: "c" {FLOAT} attr {{key: "data_format" value '
                                 '{s: "XYZ"}}}', "is not in the list of allowed values"),
}


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_hostile_messages_are_told_and_leave_nothing_behind(kind):
    text, phrase = HOSTILE[kind]
    kept = tf.constant(1.0, name="kept")
    graph = tf.get_default_graph()
    with pytest.raises(ValueError) as caught:
        tf.import_graph_def(graph_def(text))
    assert phrase in str(caught.value)
    assert graph.get_operations() == [kept.op]
    assert kept.consumers() == []
    assert tf.no_op(name="import").name == "import"
    with tf.Session() as session:
        assert session.run(kept + 1.0) == 2.0


def test_unknown_op():
    with pytest.raises(tf.errors.NotFoundError, match="Op type not registered 'Nonsense'"):
        tf.import_graph_def(graph_def('node {name: "a" op: "Nonsense"}'))
    assert tf.get_default_graph().get_operations() == []


def test_a_failed_import_takes_its_consumers_along():
    x = tf.constant(1.0, name="mine")
    y = x + 1.0
    with pytest.raises(ValueError, match="Unknown input node|output 7"):
        tf.import_graph_def(graph_def(X + identity("a", "x") + identity("b", "a:7")), {"x:0": x})
    assert x.consumers() == [y.op]
    z = tf.negative(x)
    assert x.consumers() == [y.op, z.op]


def test_a_failed_import_leaves_numbered_names_as_they_were():
    x = tf.constant(1.0, name="mine")
    made = [tf.add(x, x) for _ in range(4)]
    with pytest.raises(ValueError, match="Unknown input node|output 7"):
        tf.import_graph_def(graph_def(X + identity("Add_4", "x") + identity("Add_5", "x") + identity("b", "x:7")), name="")
    made += [tf.add(x, x) for _ in range(3)]
    graph = tf.get_default_graph()
    assert [t.op.name for t in made] == ["Add", "Add_1", "Add_2", "Add_3", "Add_4", "Add_5", "Add_6"]
    assert [graph.get_operation_by_name(t.op.name) for t in made] == [t.op for t in made]


def test_a_python_function_of_another_process_does_not_run():
    tf.import_graph_def(graph_def('node {name: "a" op: "PyFunc" attr {key: "token" value {s: "pyfunc_none"}} '
                                  'attr {key: "Tin" value {list {}}} attr {key: "Tout" value {list {type: DT_FLOAT}}}}'), name="")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="callback pyfunc_none is not found"):
        session.run("a:0")


def test_a_huge_value_is_made_by_no_import():
    tf.import_graph_def(graph_def(
        const("dtype: DT_INT64 tensor_shape {dim {size: 2}} int64_val: 1099511627776", "DT_INT64", "s") +
        const("dtype: DT_FLOAT tensor_shape {} float_val: 1") +
        f'node {{name: "r" op: "Fill" input: "s" input: "c" {FLOAT} attr {{key: "index_type" value {{type: DT_INT64}}}}}}'), name="")
    with tf.Session() as session, pytest.raises((tf.errors.ResourceExhaustedError, tf.errors.InvalidArgumentError)):
        session.run("r:0")
