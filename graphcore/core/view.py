"""How a declaration sees one node: ``node.x`` is an input, ``node.keep_dims`` an attribute."""

import numpy as np

from graphcore.core.shapes import TensorShape, format_shape

_MOST_SUMMARIZED = 256


class StaticInput:
    """What is known of an input while building: dtype, shape and, if constant, its value."""

    __slots__ = ("dtype", "shape", "_tensor", "asked")

    def __init__(self, tensor):
        self.dtype, self.shape, self._tensor = tensor.dtype, tensor._shape, tensor
        self.asked = ""  # what `infer` wanted to know, for its error messages

    @property
    def value(self):
        """The whole constant as an array, or None."""
        self.asked = "value"
        return constant_value(self._tensor)

    @property
    def partial(self):
        """A 1-D integer input as a list with None for unknown entries; None when not even its length is known."""
        self.asked = self.asked or "shape"
        return partial_value(self._tensor)


class Known:
    """What is known of a value apart from the graph: as `StaticInput`, from a plan or a run."""

    __slots__ = ("dtype", "shape", "value")

    def __init__(self, dtype, shape, value):
        self.dtype, self.shape, self.value = dtype, shape, value

    @property
    def partial(self):
        if self.value is not None:
            return [int(v) for v in np.ravel(self.value)]
        sizes = self.shape.sizes
        return [None] * sizes[0] if sizes is not None and len(sizes) == 1 and sizes[0] is not None else None


class NodeView:
    """Inputs, outputs and attributes of a node under the names of its declaration."""

    __slots__ = ("op", "all_inputs", "__dict__")

    def __init__(self, definition, inputs, attrs, outputs=(), op=None):
        fields = self.__dict__
        self.op = op
        self.all_inputs = inputs  # also where one of them is called ``inputs``
        fields.update(attrs)
        fields["inputs"] = inputs
        for declared, value in zip(definition.inputs, inputs):
            fields[declared.name] = value
        if op is not None:
            fields["outputs"] = outputs
            for declared, value in zip(definition.outputs, outputs):
                fields[declared.name] = value

    def __getattr__(self, name):
        try:
            return self.__dict__[name.rstrip("_")]
        except KeyError:
            raise AttributeError(f"no input, output or attribute {name!r}") from None


def grouped(definition, attrs, flat, declared=None):
    """Flat input (or output) tensors as one entry per declared input: a list where the input is a list."""
    result, position = [], 0
    for item in definition.inputs if declared is None else declared:
        if item.is_list:
            length = list_length(item, attrs)
            result.append(list(flat[position:position + length]))
            position += length
        else:
            result.append(flat[position])
            position += 1
    return result


def list_length(item, attrs):
    return len(attrs[item.type.name]) if item.count is None else attrs[item.count.name]


def is_plain(definition):
    """Whether no input and no output is a list."""
    return not any(i.is_list for i in definition.inputs + definition.outputs)


def static_view(definition, flat_inputs, attrs):
    """The view that ``infer`` gets: inputs as `StaticInput`."""
    inputs = [StaticInput(t) for t in flat_inputs]
    if any(i.is_list for i in definition.inputs):
        inputs = grouped(definition, attrs, inputs)
    return NodeView(definition, inputs, attrs)


def graph_view(op):
    """The view that ``grad`` gets: inputs and outputs as tensors."""
    definition = op.definition
    inputs, outputs = op._inputs, op.outputs
    if any(i.is_list for i in definition.inputs):
        inputs = grouped(definition, op.attrs, inputs)
    if any(o.is_list for o in definition.outputs):
        outputs = grouped(definition, op.attrs, outputs, definition.outputs)
    return NodeView(definition, inputs, op.attrs, outputs, op)


def asked_values(view):
    """What `infer` learnt of its inputs' values, as TF's messages add it: `` and with computed input tensors: input[1] = <2>``."""
    inputs = [i for item in view.all_inputs for i in (item if isinstance(item, list) else [item])]
    whole, shapes = [], []
    for number, item in enumerate(inputs):
        if item.asked == "shape" and item.shape.rank == 1:
            entries = partial_value(item._tensor)
            if entries is not None:
                sizes = tuple(None if e is None or e < 0 else e for e in entries)
                shapes.append(f"input[{number}] = {format_shape(sizes)}")
        elif item.asked:
            value = constant_value(item._tensor)
            if value is not None:
                whole.append(f"input[{number}] = <{_summary(value)}>")
    text = f" and with computed input tensors: {', '.join(whole)}" if whole else ""
    return text + (f" and with input tensors computed as partial shapes: {', '.join(shapes)}" if shapes else "")


def _summary(value):
    if value.ndim > 1:
        return "".join(f"[{_summary(row)}]" for row in value)
    return " ".join(str(int(v) if value.dtype.kind == "b" else v) for v in value.ravel()[:_MOST_SUMMARIZED])


# ---------------------------------------------------------------- values known while building

_MOST_FOLDED = 1000  # elements; a shape computation never needs more
_DEPTH = 30


def constant_value(tensor, depth=_DEPTH):
    """The value of ``tensor`` if the graph alone determines it, else None."""
    op = tensor.op
    definition = op.definition
    own = definition.constant_value
    if own is not None:
        return own(op.attrs)
    if definition.stateful or depth == 0:
        return None
    view = static_view(definition, op._inputs, op.attrs)
    if definition.static_value is not None:
        return definition.static_value(view)
    if not op._inputs or definition.kernel is None and getattr(definition, "scalar", None) is None:
        return None
    size = tensor._shape.num_elements()
    if size is not None and size > _MOST_FOLDED:
        return None
    return _evaluated(tensor, op, definition, depth)


def _evaluated(tensor, op, definition, depth):
    values = []
    for source in op._inputs:
        value = constant_value(source, depth - 1) if (source._shape.num_elements() or 0) <= _MOST_FOLDED else None
        if value is None:
            return None
        values.append(value)
    arguments = grouped(definition, op.attrs, values) if any(i.is_list for i in definition.inputs) else values
    try:
        with np.errstate(all="ignore"):
            result = definition.bind(op.attrs)(*arguments)
    except Exception:  # bad values are reported when the node runs, with its name
        return None
    if len(op.outputs) > 1 or definition.outputs[0].is_list:
        result = result[tensor.value_index]
    return np.asarray(result)


def partial_value(tensor):
    """A shape-like tensor as a list of int or None; None if its length is not known."""
    definition = tensor.op.definition
    if definition.partial_value is not None:
        found = definition.partial_value(static_view(definition, tensor.op._inputs, tensor.op.attrs))
        if found is not None:
            return found
    value = constant_value(tensor)
    if value is not None:
        return [int(v) for v in np.ravel(value)]
    sizes = tensor._shape.sizes
    if sizes is None or len(sizes) != 1 or sizes[0] is None:
        return None
    return [None] * sizes[0]


def shape_from(static_input):
    """The TensorShape that a shape-valued input describes, as far as it is known; -1 and None are unknown."""
    entries = static_input.partial
    if entries is None:
        return TensorShape.of(None)
    return TensorShape.of(tuple(None if e is None or e < 0 else e for e in entries))
