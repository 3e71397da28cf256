"""Regular expressions: whether strings match one, and strings with what matches replaced."""

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.shapes import with_rank
from graphcore.ops.kernels import regexes, rewriting, texts

string = dtypes.string


def _same_shape(node):
    for scalar in node.inputs[1:]:
        with_rank(scalar.shape.sizes, 0)
    return node.inputs[0].shape


def _scalar(value, word):
    """The bytes of a string tensor that has to be a scalar."""
    array = texts.each(bytes, value)
    if array.ndim:
        raise errors.InvalidArgumentError(None, None, f"{word} must be scalar, but received [{','.join(map(str, array.shape))}]")
    return array[()]


class RegexFullMatch(Op, refuses=True):
    """Whether ``pattern`` matches the whole of each string of ``input``."""

    input = Input(string)
    pattern = Input(string)
    output = Output(dtypes.bool)
    example = dict(input=["ab", "abc"], pattern="a.", output=[True, False])

    infer = _same_shape

    def kernel(input, pattern):
        return _matches(input, _scalar(pattern, "Pattern"))


class StaticRegexFullMatch(Op, refuses=True):
    """Whether the regular expression ``pattern`` matches the whole of each string of ``input``."""

    pattern = Attr(bytes)
    input = Input(string)
    output = Output(dtypes.bool)
    example = dict(input=["ab", "abc"], pattern="a.", output=[True, False])

    infer = _same_shape

    def kernel(input, *, pattern):
        return _matches(input, pattern)


def _matches(strings, pattern):
    expression = regexes.compiled(pattern)
    return texts.each(lambda text: expression.fullmatch(text) is not None, strings, bool)


def regex_full_match(input, pattern, name=None):
    """Whether ``pattern`` matches the whole of each string of ``input``, bool.

    Args:
      pattern: a regular expression in RE2's syntax, a string or a scalar tensor. A wrong one raises
        ``tf.errors.InvalidArgumentError`` in a run.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.regex_full_match(["tf1", "tf", "tf15"], r"tf\\d+"))
    array([ True, False,  True])
    """
    if isinstance(pattern, (str, bytes)):
        return StaticRegexFullMatch.build(input, pattern=pattern, name=name)
    return RegexFullMatch.build(input, pattern, name=name)


class RegexReplace(Op, differentiable=False):
    """Each string of ``input`` with what matches ``pattern`` replaced by ``rewrite``, once or everywhere."""

    replace_global = Attr(bool, default=True)
    input = Input(string)
    pattern = Input(string)
    rewrite = Input(string)
    output = Output(string)
    example = dict(input=["aab", "b"], pattern="a", rewrite="x", output=[b"xxb", b"b"])

    infer = _same_shape

    def kernel(input, pattern, rewrite, *, replace_global):
        pattern, rewrite = _scalar(pattern, "Pattern"), _scalar(rewrite, "Rewrite")
        return texts.each(rewriting.replacer(pattern, rewrite, replace_global), input)


class StaticRegexReplace(Op, refuses=True):
    """Each string of ``input`` with what matches the regular expression ``pattern`` replaced, once or everywhere."""

    pattern = Attr(bytes)
    rewrite = Attr(bytes)
    replace_global = Attr(bool, default=True)
    input = Input(string)
    output = Output(string)
    example = dict(input=["aab", "b"], pattern="(a)(a|b)", rewrite="\\2-\\1", output=[b"a-ab", b"b"])

    infer = _same_shape

    def kernel(input, *, pattern, rewrite, replace_global):
        return texts.each(rewriting.replacer(pattern, rewrite, replace_global), input)


def regex_replace(input, pattern, rewrite, replace_global=True, name=None):
    """Each string of ``input`` with what matches ``pattern`` replaced by ``rewrite``.

    Args:
      pattern: a regular expression in RE2's syntax, a string or a scalar tensor. A wrong one raises
        ``tf.errors.InvalidArgumentError`` in a run.
      rewrite: what stands instead; ``\\\\1`` to ``\\\\9`` are the groups of the pattern, ``\\\\0`` is all that matched.
      replace_global: everywhere, or the first match only.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.regex_replace(["hello  world"], r" +", "_"))
    array([b'hello_world'], dtype=object)
    """
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        return StaticRegexReplace.build(input, pattern=pattern, rewrite=rewrite, replace_global=replace_global, name=name)
    return RegexReplace.build(input, pattern, rewrite, replace_global=replace_global, name=name)


__all__ = ["regex_replace"]
