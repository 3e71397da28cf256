"""Text from one encoding to another."""

import codecs
import re

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.ops.kernels import texts

string = dtypes.string
_OUTPUTS = (b"UTF-8", b"UTF-16-BE", b"UTF-32-BE")
_ERRORS = (b"strict", b"replace", b"ignore")
_CONTROLS = re.compile("[\0-\x1f]")
_ORDERS = (b"\xfe\xff", b"\xff\xfe")
# Half a character, which no decoder gives.
_MARK = "\udfff"
# Python's codecs that write characters in ASCII: no encodings.
_NOTATIONS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape"}


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class UnicodeTranscode(Op, refuses=True):
    """Each string of ``input``, text in ``input_encoding``, in ``output_encoding``."""

    input_encoding = Attr(bytes)
    output_encoding = Attr(bytes, allowed=_OUTPUTS)
    errors_ = Attr(bytes, default=b"replace", allowed=_ERRORS)
    replacement_char = Attr(int, default=0xFFFD)
    replace_control_characters = Attr(bool, default=False)
    input = Input(string)
    output = Output(string)
    example = dict(input=[b"\xe9"], input_encoding="latin1", output_encoding="UTF-8", output=[b"\xc3\xa9"])

    def infer(node):
        return node.input.shape

    def kernel(input, *, input_encoding, output_encoding, errors_, replacement_char, replace_control_characters):
        if not 0 <= replacement_char <= 0x10FFFF:
            raise _invalid(f"replacement_char out of unicode codepoint range: {replacement_char}")
        decoder, target = _decoder(input_encoding), output_encoding.decode()
        replacement = "" if errors_ == b"ignore" else chr(replacement_char)

        def transcoded(text):
            decoded, faults = _decoded(text, decoder, replacement)
            if replace_control_characters:
                decoded, controls = _CONTROLS.subn(replacement, decoded)
                faults += controls
            if faults and errors_ == b"strict":
                raise _invalid(f"Invalid formatting on input string: {texts.printable(text)!r} is no {texts.printable(input_encoding)}")
            return decoded.encode(target, "surrogatepass")

        return texts.each(transcoded, input)


def _decoder(encoding):
    """The codec of an encoding; InvalidArgumentError if there is none."""
    name = texts.printable(encoding)
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # not all codecs are of text
        if found.name in _NOTATIONS:
            raise LookupError
    except (LookupError, ValueError):
        raise _invalid(f"Could not create converter for input encoding: {name}") from None
    return found


def _mark(fault):
    """Stands for one malformed part."""
    return _MARK, max(fault.end, fault.start + 1)


codecs.register_error("graphcore.mark", _mark)


def _decoded(text, decoder, replacement):
    """(``text`` decoded, with ``replacement`` for each part that is malformed, how many of these there are)."""
    if decoder.name == "utf-16" and text[:2] not in _ORDERS:
        decoder = codecs.lookup("utf-16-be")
    decoded = decoder.decode(text, "graphcore.mark")[0]
    return decoded.replace(_MARK, replacement), decoded.count(_MARK)


def unicode_transcode(input, input_encoding, output_encoding, errors="replace", replacement_char=0xFFFD, replace_control_characters=False,
                      name=None):
    """Each string of ``input``, text in ``input_encoding``, in ``output_encoding``.

    Args:
      input_encoding: any encoding that Python knows.
      output_encoding: ``"UTF-8"``, ``"UTF-16-BE"`` or ``"UTF-32-BE"``.
      errors: what becomes of malformed parts: ``"replace"``, ``"ignore"``, or ``"strict"``, which raises
        ``tf.errors.InvalidArgumentError`` in a run.
      replacement_char: the code point that stands for a malformed part.
      replace_control_characters: whether control characters, line ends and tabs among them, count as malformed.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.strings.unicode_transcode("é", "UTF-8", "UTF-16-BE"))
    b'\\x00\\xe9'
    """
    return UnicodeTranscode.build(input, input_encoding=input_encoding, output_encoding=output_encoding, errors=errors,
                                  replacement_char=replacement_char, replace_control_characters=replace_control_characters, name=name)


__all__ = []
