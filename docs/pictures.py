"""The pictures of these pages: the layers of the source as a house, and graphs that the library draws itself."""

import graphcore as tf
from graphcore.drawing.nodes import nodes_of_graph
from graphcore.drawing.notebook import svg_text
from tests.test_layering import LAYERS

_WIDTH, _FLOOR = 860, 40
# The floors that the architecture page speaks of; what is beside them are names only.
_ROOMS = {"compat", "__main__", "demo", "commands", "graphcore", "keras", "layers", "train", "datasets", "nn", "losses", "data",
          "summaries", "autodiff", "interop", "drawing", "ops", "session", "core", "proto"}


def files():
    """{file: text} of all pictures."""
    return {"house.svg": house(), "graph.svg": example()}


def house():
    """The layers of the source, the roof on top; imports point down."""
    floors = [[room for room in line if room in _ROOMS and _exists(room)] for line in LAYERS]
    floors = [rooms for rooms in floors if rooms]
    height = _FLOOR * (len(floors) + 1) + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
             'font-family="sans-serif" font-size="14" text-anchor="middle">',
             f'<path d="M10 {_FLOOR}L{_WIDTH / 2} 6L{_WIDTH - 10} {_FLOOR}Z" fill="#e9d8c8" stroke="#8a7a6a"/>']
    for number, rooms in enumerate(floors):
        width = (_WIDTH - 40) / len(rooms)
        for place, room in enumerate(rooms):
            x, y = 20 + place * width, _FLOOR * (number + 1)
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_FLOOR}" fill="{_color(number)}" stroke="#8a8a9a"/>'
                         f'<text x="{x + width / 2:.1f}" y="{y + 25}" fill="#222">{room.replace("__main__", "command line")}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _color(number):
    return ("#f6f0fa", "#eef3fb")[number % 2]


def _exists(room):
    from tests.sources import modules

    return room == "graphcore" or any(name.split(".")[1:2] == [room] for name in modules())


def example():
    """The graph of a small model, as notebooks show it."""
    return svg_text(nodes_of_graph(small_model()), most=30)


def small_model():
    """The graph of a linear classifier: feed x and y, run GradientDescent."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 784], name="x")
        y = tf.placeholder(tf.float32, [None, 10], name="y")
        with tf.name_scope("layer"):
            w = tf.Variable(tf.zeros([784, 10]), name="w")
            b = tf.Variable(tf.zeros([10]), name="b")
            logits = tf.matmul(x, w) + b
        with tf.name_scope("loss"):
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
        tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        tf.global_variables_initializer()
    return graph
