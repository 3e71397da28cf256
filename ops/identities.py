"""Tensors as they are, under another name or with another gradient."""

from graphcore.core.dtypes import ALL
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr, TypeListAttr


class Identity(Op, same=True):
    """The same tensor under a name of its own."""

    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input

    def grad(node, dy):
        return dy


class StopGradient(Op, same=True, differentiable=False):
    """The same tensor, through which no gradient passes."""

    T = TypeAttr(ALL)
    input = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input


class PreventGradient(Op, same=True):
    """The same tensor; asking for a gradient through it is an error that says ``message``."""

    T = TypeAttr(ALL)
    message = Attr(bytes, default=b"")
    input = Input(T)
    output = Output(T)
    example = dict(input=[1.0, 2.0], output=[1.0, 2.0])

    def infer(node):
        return node.input.shape

    def kernel(input):
        return input

    def grad(node, dy):
        raise LookupError(f"Gradient explicitly disabled. Reason: {node.message!r}")


class IdentityN(Op, aliases=True):
    """The same tensors; all of them are there when one is used."""

    T = TypeListAttr(ALL, minimum=1)
    input = Input(T)
    output = Output(T)
    example = dict(input=[[1.0], [2.0, 3.0]], output=[[1.0], [2.0, 3.0]])

    def infer(node):
        return [each.shape for each in node.input]

    def kernel(input):
        return list(input)

    def grad(node, *dys):
        return dys


def identity(input, name=None):
    """A tensor with the same contents as ``input``, made in the current scopes (names, devices, control dependencies)."""
    result = Identity.build(input, name=name)
    if getattr(input, "_handle_data", None) is not None:
        result._handle_data = input._handle_data
    return result


def identity_n(input, name=None):
    """A list of tensors with the contents of the list ``input``."""
    return IdentityN.build(input, name=name)


stop_gradient = StopGradient.function()

__all__ = ["identity", "identity_n", "stop_gradient"]
