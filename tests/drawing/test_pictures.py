"""Pictures of graphs: what is shown, grouped and left out; well-formed and harmless whatever the names."""

import sys
from xml.etree import ElementTree

import pytest

import graphcore as tf
from graphcore.drawing.nodes import nodes_of_graph, nodes_of_message
from graphcore.drawing.notebook import svg_text
from graphcore.drawing.picture import ENTRY, EXIT, Scene

SVG = "{http://www.w3.org/2000/svg}"


def small_graph():
    """y = x @ w + 1 in a scope, w a variable made outside, and an operation that waits for y."""
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.zeros([3, 2]), name="w")
    with tf.name_scope("layer"):
        y = tf.add(tf.matmul(x, w, name="product"), 1.0, name="y")
    with tf.control_dependencies([y]):
        tf.no_op(name="late")
    return tf.get_default_graph()


def picture_of(graph, **options):
    return Scene(nodes_of_graph(graph)).picture(**options)


def labels_of(boxes):
    return sorted(box.label for box in boxes)


def named_edges(picture):
    """{scope: {(source, target): number of tensors}} of a picture."""
    def name(end):
        return getattr(end, "label", end)

    return {scope.path: {(name(a), name(b)): edge.tensors for (a, b), edge in level.items()}
            for scope, level in picture.levels.items()}


def texts(svg):
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def chain(length):
    tensor = tf.constant(1.0, name="start")
    for _ in range(length):
        tensor = tf.negative(tensor)
    return tf.get_default_graph()


def test_edges_pass_through_the_borders_of_scopes():
    assert named_edges(picture_of(small_graph())) == {
        "": {("x", "layer"): 1, ("w", "layer"): 1, ("zeros", "w"): 1, ("layer", "late"): 0},
        "layer": {(ENTRY, "product"): 2, ("product", "y"): 1, ("y", EXIT): 0},
        # The operation y is beside its constant y/y in the scope y.
        "layer/y": {(ENTRY, "(y)"): 1, ("y", "(y)"): 1, ("(y)", EXIT): 0},
    }


def test_variable_has_its_operations_with_it():
    box = picture_of(small_graph()).root.children["w"]
    assert (box.kind, box.count) == ("variable", 3)  # w, w/Assign, w/read


def test_scopes_stay_closed_when_there_is_no_room():
    picture = picture_of(small_graph(), most=5)
    assert [scope.path for scope in picture.hidden] == ["layer"]
    assert named_edges(picture) == {"": {("x", "layer"): 1, ("w", "layer"): 1, ("zeros", "w"): 1, ("layer", "late"): 0}}


def test_one_scope_alone_names_what_it_takes():
    scene = Scene(nodes_of_graph(small_graph()))
    picture = scene.picture(scene.root.children["layer"])
    assert picture.sources == ["x", "w/read"]
    assert named_edges(picture)["layer"] == {(ENTRY, "product"): 2, ("product", "y"): 1, ("y", EXIT): 0}


def test_svg_says_names_ops_and_shapes():
    svg = svg_text(nodes_of_graph(small_graph()))
    found = texts(svg)
    assert {"layer", "x", "Placeholder", "product", "MatMul", "w", "variable 3×2", "late", "NoOp", "?×3", "?×2"} <= set(found)
    titles = ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    place = next(title for title in titles if title.startswith("layer/product (MatMul)"))
    assert "float32 (?, 2)" in place and "made at test_pictures.py:" in place


def test_control_edges_are_dotted():
    dotted = [path for path in ElementTree.fromstring(svg_text(nodes_of_graph(small_graph()))).iter(f"{SVG}path")
              if path.get("stroke-dasharray")]
    assert len(dotted) == 3  # inside y, inside layer, to late


def test_notebooks_get_one_page_without_scripts_or_links():
    page = small_graph()._repr_html_()
    ElementTree.fromstring(page)
    for forbidden in ("<script", "href", "src=", "@import", "url("):
        assert forbidden not in page
    assert "9 operations in 7 boxes" in page


def test_closed_scopes_are_unfolded_below():
    with tf.name_scope("wide"):
        for _ in range(30):
            tf.constant(1.0)
        with tf.name_scope("deep"):
            for _ in range(30):
                tf.constant(1.0)
    page = ElementTree.fromstring(tf.get_default_graph()._repr_html_())
    wide, = page.findall("details")
    assert wide.find("summary").text == "wide: 60 operations"
    assert [each.find("summary").text for each in wide.findall("details")] == ["wide/deep: 30 operations"]


def test_graph_without_operations():
    assert tf.Graph()._repr_html_() == "<p>tf.Graph with 0 operations</p>"


def test_many_of_like_names_are_one_box():
    graph = chain(100)
    picture = picture_of(graph)
    assert {(box.kind, box.label, box.count) for box in picture.root.children.values()} == {("op", "start", 1), ("series", "Neg", 100)}
    page = graph._repr_html_()
    assert "× 100" in page and "Too many for one picture" in page


def test_many_of_different_names_are_left_out():
    for number in range(100):
        tf.constant(1.0, name=f"c{number}x")
    boxes = picture_of(tf.get_default_graph()).root.children.values()
    assert len(boxes) == 40
    assert [(box.label, box.count) for box in boxes if box.kind == "more"] == [("61 more", 61)]


def work_of(function):
    """How many lines of Python, and calls of what is not Python, a function takes: no clock has a say in it."""
    work = 0

    def trace(frame, event, argument):
        nonlocal work
        work += event == "line"
        return trace

    def profile(frame, event, argument):
        nonlocal work
        work += event == "c_call"

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return work


def test_work_is_linear():
    def work(length):
        with tf.Graph().as_default():
            nodes = nodes_of_graph(chain(length))
        return work_of(lambda: svg_text(nodes))

    work(1)  # loads what is loaded once
    few, many = work(500), work(2_000)
    assert 500 < few and many < 4.4 * few  # four times as many nodes; a little for what sorting takes


def test_huge_graphs_are_not_drawn_unasked(monkeypatch):
    monkeypatch.setattr("graphcore.drawing.notebook._MOST_DRAWN", 50)
    assert chain(50)._repr_html_() == "<p>tf.Graph with 51 operations: too many to draw</p>"


def message(*nodes):
    """A GraphDef of (name, inputs) pairs."""
    return tf.GraphDef(node=[tf.NodeDef(name=name, op="Anything", input=inputs) for name, inputs in nodes])


def test_graph_def_with_unknown_ops_and_loops():
    picture = Scene(nodes_of_message(message(("a", ["b:1"]), ("b", ["a", "^s/c"]), ("s/c", [])))).picture()
    assert named_edges(picture) == {"": {("b", "a"): 1, ("a", "b"): 1, ("s", "b"): 0}, "s": {("c", EXIT): 0}}
    assert len(texts(svg_text(picture.nodes))) == 7  # three names and ops, one scope


def test_shapes_of_a_graph_def():
    svg = svg_text(nodes_of_message(small_graph().as_graph_def(add_shapes=True)))
    assert {"?×3", "?×2", "variable 3×2"} <= set(texts(svg))


@pytest.mark.parametrize(("nodes", "text"), [
    ([("a", []), ("a", [])], "two nodes named 'a'"),
    ([("a", ["b"])], "node 'a' of the GraphDef has the input 'b', but there is no node 'b'"),
])
def test_broken_graph_def(nodes, text):
    with pytest.raises(ValueError, match=text):
        nodes_of_message(message(*nodes))


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a&b\"'", "nul\0bell\7", "/" * 5000, "\U0001f600", "a//b", "", "x" * 10_000])
def test_names_of_all_kinds(name):
    svg = svg_text(nodes_of_message(message((name, []), ("b", [name]) if not name.startswith("^") else ("b", []))))
    ElementTree.fromstring(svg)
    assert "<script" not in svg
