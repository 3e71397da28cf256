"""``tf.summary`` of whole tensors and of text, which a plugin of TensorBoard shows as it likes."""

import numpy as np

from graphcore import proto
from graphcore.core import dtypes, source
from graphcore.core.dtypes import ALL, as_dtype
from graphcore.core.errors import InvalidArgumentError
from graphcore.core.keys import GraphKeys
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.summaries.protos import scalar_tag, serialized
from graphcore.summaries.scopes import collect, summary_scope


class TensorSummaryV2(Op, differentiable=False):
    """A whole tensor with its SummaryMetadata, serialized."""

    T = TypeAttr(ALL)
    tag = Input(dtypes.string)
    tensor = Input(T)
    serialized_summary_metadata = Input(dtypes.string)
    summary = Output(dtypes.string)

    example = dict(tag="a", tensor=[1, 2], serialized_summary_metadata=b"\x12\x01d",
                   summary=b'\n\x1c\n\x01aB\x12\x08\x03\x12\x04\x12\x02\x08\x02"\x08\x01\x00\x00\x00\x02\x00\x00\x00J\x03\x12\x01d')

    def infer(node):
        return ()

    def kernel(tag, tensor, serialized_summary_metadata, *, T):
        return tensor_message(tag, tensor, T, serialized_summary_metadata, source.NODE_NAME)


def tensor_message(tag, tensor, dtype, metadata, name="TensorSummaryV2"):
    """Return the summary, as bytes, of an array of that DType; `metadata` is a serialised SummaryMetadata."""
    tag = scalar_tag(tag, "tag must be scalar", name)
    if np.ndim(metadata):
        raise InvalidArgumentError(None, None, "serialized_summary_metadata must be scalar: "
                                               f"{name} got shape {list(np.shape(metadata))}")
    summary = proto.Summary()
    value = summary.value.add(tag=tag, metadata=_parsed(metadata))
    _fill(value.tensor, np.asarray(tensor), dtype.base)
    return serialized(summary)


def _parsed(metadata):
    """Return the SummaryMetadata that is serialised in `metadata`."""
    from google.protobuf.message import DecodeError

    try:
        return proto.SummaryMetadata.FromString(metadata if isinstance(metadata, bytes) else np.asarray(metadata, object).item())
    except DecodeError as error:
        raise InvalidArgumentError(None, None, f"serialized_summary_metadata is no SummaryMetadata: {error}") from error


def _fill(tensor, array, dtype):
    """Make a TensorProto that of an array: bytes, whatever the size, but strings as a list."""
    tensor.dtype = dtype.enum
    tensor.tensor_shape.SetInParent()
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if dtype is dtypes.string:
        tensor.string_val.extend(array.ravel().tolist())
    else:
        tensor.tensor_content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def tensor_summary(name, tensor, summary_description=None, collections=None, summary_metadata=None, family=None,
                   display_name=None):
    """A summary of a whole tensor of any type and shape.

    Args:
      name: becomes the tag, below the current name scope.
      tensor: what to record.
      summary_description: a text about the tag, in Markdown.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.
      summary_metadata: a ``tf.SummaryMetadata`` that says which plugin shows the tensor.
      family: a prefix of the tag.
      display_name: what TensorBoard calls the tag.
    """
    metadata = proto.SummaryMetadata()
    if summary_metadata is not None:
        metadata.CopyFrom(summary_metadata)
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with summary_scope(name, family, [tensor]) as (tag, scope):
        summary = TensorSummaryV2.build(tag, tensor, metadata.SerializeToString(), name=scope)
        return collect(summary, collections, [GraphKeys.SUMMARIES])


def text(name, tensor, collections=None):
    """A summary of strings, which TensorBoard shows as Markdown; a matrix of them becomes a table.

    Args:
      name: becomes the tag, below the current name scope.
      tensor: a tensor of strings.
      collections: where to add the op; default ``[GraphKeys.SUMMARIES]``, which ``merge_all`` takes.

    Raises:
      ValueError: the tensor is not one of strings.

    >>> import graphcore as tf
    >>> note = tf.summary.text("note", tf.constant("a **bold** word"))
    >>> with tf.Session() as session:
    ...     value = tf.Summary.FromString(session.run(note)).value[0]
    >>> value.tag, list(value.tensor.string_val), value.metadata.plugin_data.plugin_name
    ('note', [b'a **bold** word'], 'text')
    """
    dtype = getattr(tensor, "dtype", None)
    if dtype is None:
        raise AttributeError(f"{type(tensor).__name__!r} object has no attribute 'dtype': tf.summary.text needs a tensor, "
                             f"as tf.constant({tensor!r}) gives it")
    if as_dtype(dtype).base is not dtypes.string:
        raise ValueError(f"Expected tensor {getattr(tensor, 'name', tensor)} to have dtype string, got {dtype}; "
                         "tf.summary.tensor_summary takes other types")
    metadata = proto.SummaryMetadata(plugin_data=proto.SummaryMetadata.PluginData(plugin_name="text"))
    return tensor_summary(name, tensor, summary_metadata=metadata, collections=collections)


def get_summary_description(node_def):
    """The ``SummaryDescription`` in the NodeDef of a TensorSummary, the op before TF's TensorSummaryV2.

    Raises:
      ValueError: the node is another op.
    """
    if node_def.op != "TensorSummary":
        raise ValueError(f"Can't get_summary_description on {node_def.op}; only nodes of type TensorSummary have one, "
                         "what tf.summary.tensor_summary builds keeps it in its SummaryMetadata")
    from google.protobuf import json_format

    return json_format.Parse(node_def.attr["description"].s.decode(), proto.SummaryDescription())


__all__ = ["get_summary_description", "tensor_summary", "text"]
