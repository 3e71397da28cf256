"""Printing while a graph runs: ``tf.Print`` and ``tf.print``."""

import builtins
import logging
import os
import pprint
import sys
import threading

import numpy as np

from graphcore.core import dtypes, errors, structure
from graphcore.core.convert import is_tensor_like, to_tensor
from graphcore.core.dtypes import ALL
from graphcore.core.node import Tensor
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr, TypeListAttr
from graphcore.core.shapes import format_shape
from graphcore.ops.kernels.summarize import summarize as summarized
from graphcore.ops.kernels.summarize import summarize_ends


class _Counter:
    """How often a session has printed for one node."""

    def __init__(self):
        self.count = 0
        self.lock = threading.Lock()

    def reached(self, limit):
        """Whether ``limit`` calls came before this one, which counts otherwise; no limit if it is not positive."""
        if limit <= 0:
            return False
        with self.lock:
            if self.count >= limit:
                return True
            self.count += 1
        return False


class PrintOp(Op, stateful=True, aliases=True, op_name="Print"):
    """``input``; writes ``message`` and the beginnings of ``data`` to the standard error, ``first_n`` times."""

    T = TypeAttr(ALL)
    U = TypeListAttr()
    message = Attr(bytes, default=b"")
    first_n = Attr(int, default=-1)
    summarize = Attr(int, default=3)
    input = Input(T)
    data = Input(U)
    output = Output(T)
    example = dict(input=[1.0], data=[[1.0], "a"], message="one: ", output=[1.0])

    def infer(node):
        return node.input.shape

    def new_state(node):
        return _Counter()

    def kernel(state, input, data, *, message, first_n, summarize):
        if not state.reached(first_n):
            shown = "".join(f"[{summarized(value, summarize)}]" for value in data)
            builtins.print(message.decode(errors="replace") + shown, file=sys.stderr, flush=True)
        return input

    def grad(node, grad):
        return grad, None


class StringFormat(Op, refuses=True):
    """``template`` with each ``placeholder`` replaced by a tensor, its axes shown by their ``summarize`` ends."""

    T = TypeListAttr()
    template = Attr(bytes, default=b"%s")
    placeholder = Attr(bytes, default=b"%s")
    summarize = Attr(int, default=3)
    inputs_ = Input(T)
    output = Output(dtypes.string)
    example = dict(inputs=[[1, 2], "a"], template="%s and %s", output='[1 2] and "a"')

    def infer(node):
        return ()

    def kernel(inputs_, *, template, placeholder, summarize):
        # As in C++, where an empty text is found at once, and again behind what was put there.
        first, *rest = template.split(placeholder) if placeholder else [b""] * len(inputs_) + [template]
        shown = [summarize_ends(value, summarize).encode() + text for value, text in zip(inputs_, rest)]
        return np.array(first + b"".join(shown), object)


class PrintV2(Op, stateful=True, refuses=True):
    """Writes a string to ``output_stream``."""

    output_stream = Attr(bytes, default=b"stderr")
    end = Attr(bytes, default=b"\n")
    input = Input(dtypes.string)
    example = dict(input="text")

    def kernel(input, *, output_stream, end):
        stream = output_stream.decode(errors="replace")
        if np.ndim(input):
            raise errors.InvalidArgumentError(None, None, f"Input is expected to be scalar, but got {format_shape(np.shape(input))}")
        text = np.asarray(input)[()].decode(errors="replace")
        if stream.startswith("file://"):
            with open(stream[len("file://"):], "a", encoding="utf-8") as file:
                file.write(text + end.decode(errors="replace"))
        elif stream in _LEVELS:
            logging.getLogger("tensorflow").log(_LEVELS[stream], text)
        elif stream not in ("stdout", "stderr"):
            raise errors.InvalidArgumentError(None, None, f"Unknown output stream: {stream}")
        else:
            builtins.print(text, end=end.decode(errors="replace"), file=sys.stdout if stream == "stdout" else sys.stderr, flush=True)
        return None


_LEVELS = {"log(info)": logging.INFO, "log(warning)": logging.WARNING, "log(error)": logging.ERROR}


def Print(input_, data, message=None, first_n=None, summarize=None, name=None):
    """``input_``; when it is computed, a line about ``data`` goes to the standard error.

    Args:
      data: a list of tensors and strings; each is shown in brackets.
      message: the beginning of the line.
      first_n: print so many times only, in each session; always if None or negative.
      summarize: how many entries of each tensor to show; 3 if None, all if negative.
    """
    return PrintOp.build(input_, data, message=message or "", first_n=-1 if first_n is None else first_n,
                         summarize=3 if summarize is None else summarize, name=name)


_KEYWORDS = dict(output_stream=None, summarize=3, sep=" ", end=os.linesep, name=None)


def print(*inputs, **kwargs):
    """An operation that prints ``inputs``: tensors, and anything else, also nested.

    Keywords:
      output_stream: sys.stderr (if None) or sys.stdout, a level or function of `logging`, or ``"file://path"``.
      summarize: how many entries at both ends of each axis to show, 3 if not given; all if -1.
      sep, end: as for Python's print.
      name: of the operation.

    Raises:
      ValueError: another ``output_stream``, or another keyword.
    """
    output_stream, summarize, sep, end, name = [kwargs.pop(key, default) for key, default in _KEYWORDS.items()]
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    stream = _stream_name(sys.stderr if output_stream is None else output_stream)
    if len(inputs) == 1 and isinstance(inputs[0], Tensor) and inputs[0].shape.ndims == 0 and inputs[0].dtype is dtypes.string:
        text = inputs[0]
    else:
        tensors, template, mark = _template(inputs, sep)
        text = StringFormat.build(tensors, template=template, placeholder=mark, summarize=summarize,
                                  name=f"{name}_format" if name else None)
    return PrintV2.build(text, output_stream=stream, end=end, name=name)


def _stream_name(stream):
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    if stream is sys.stdout or stream is sys.__stdout__:
        return "stdout"
    if stream is sys.stderr or stream is sys.__stderr__:
        return "stderr"
    for word, level in (("info", logging.INFO), ("warning", logging.WARNING), ("error", logging.ERROR)):
        if stream == level or callable(stream) and getattr(stream, "__name__", "") in (word, word[:4]):
            return f"log({word})"
    raise ValueError(f"Unsupported output stream, logging level, or file.{stream}. Supported streams are sys.stdout, sys.stderr, "
                     "tf.logging.info, tf.logging.warning, tf.logging.error. File needs to be in the form of 'file://<filepath>'.")


def _template(inputs, separator):
    """(the tensors in ``inputs``, the text around them, what stands for a tensor in it)."""
    plain = structure.map_structure(lambda x: "" if is_tensor_like(x) else x, inputs)
    mark, text = "{}", " ".join(pprint.pformat(x) for x in plain)
    while mark in text:
        mark += "9"
    tensors, parts = [], []
    for item in inputs:
        leaves = structure.flatten(item)
        tensors += [to_tensor(leaf) for leaf in leaves if is_tensor_like(leaf)]
        if isinstance(item, str):
            parts.append(item)
        else:
            marked = [mark if is_tensor_like(leaf) else leaf for leaf in leaves]
            parts.append(pprint.pformat(structure.pack_sequence_as(item, marked)))
    return tensors, separator.join(parts).replace(f"'{mark}'", mark), mark


__all__ = ["Print", "print"]
