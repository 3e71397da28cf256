"""``python -m graphcore graph FILE --svg OUT``: the picture of a saved graph."""

import argparse
import os
import sys

from graphcore import proto
from graphcore.commands.inspect import event_files
from graphcore.core.errors import OpError
from graphcore.drawing.nodes import nodes_of_message
from graphcore.drawing.notebook import svg_text
from graphcore.summaries.reader import summary_iterator


def main(arguments):
    """Draw the graph of a GraphDef (.pb, .pbtxt), a meta graph (.meta) or a log directory."""
    parser = argparse.ArgumentParser(prog="python -m graphcore graph", description=main.__doc__)
    parser.add_argument("source", help="a .pb, .pbtxt or .meta file, an event file or a directory of such; of several graphs the last")
    parser.add_argument("--svg", required=True, metavar="OUT", help="the file to write, - for standard output")
    parser.add_argument("--scope", help="draw this name scope alone")
    parser.add_argument("--most", type=_positive, default=60, help="open name scopes until there are so many boxes (default: 60)")
    options = parser.parse_args(arguments)
    try:
        text = svg_text(nodes_of_message(graph_of(options.source)), options.most, options.scope)
        if options.svg == "-":
            sys.stdout.write(text)
        else:
            with open(options.svg, "w", encoding="utf-8") as file:
                file.write(text)
    except (OSError, OpError, ValueError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    return 0


def _positive(text):
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above zero, got {text!r}")
    return number


def graph_of(source):
    """The GraphDef in a file or directory; ValueError if there is none."""
    if os.path.isdir(source) or "tfevents" in os.path.basename(source):
        return _graph_of_events(source)
    with open(source, "rb") as file:
        data = file.read()
    kind = proto.MetaGraphDef if source.endswith((".meta", ".meta.pbtxt")) else proto.GraphDef
    message = _text_message(data, kind, source) if source.endswith((".pbtxt", ".txt")) else _message(data, kind, source)
    graph_def = message.graph_def if kind is proto.MetaGraphDef else message
    if not graph_def.node:
        raise ValueError(f"{source} has no nodes; is it a {kind.__name__}?")
    return graph_def


def _graph_of_events(source):
    """The last graph that event files have."""
    found = None
    for files in event_files(source).values():
        for path in files:
            for event in summary_iterator(path):
                found = event.graph_def or found
    if found is None:
        raise ValueError(f"no graph in the event files of {source}; FileWriter.add_graph writes one")
    return _message(found, proto.GraphDef, source)


def _message(data, kind, source):
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise ValueError(f"{source} is no {kind.__name__}: {error}. Text has the suffix .pbtxt") from error


def _text_message(data, kind, source):
    from google.protobuf import text_format

    try:
        return text_format.Parse(data.decode(), kind())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{source} is no {kind.__name__} as text: {error}") from error
