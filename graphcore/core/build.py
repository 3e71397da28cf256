"""Building nodes: inputs are converted, dtypes and attributes resolved, shapes inferred, the node appended.

What a node becomes depends on its input dtypes, shapes, static values and attributes alone, so it is
remembered; a builder of its own is written for each op when the op is first used.
"""

import numpy as np

from graphcore.core import scopes, source
from graphcore.core.arguments import complete_attrs, convert_inputs, known_attrs, note_type
from graphcore.core.calls import key_of_call, part, remember, repeat, static_key, static_part
from graphcore.core.convert import conversions
from graphcore.core.node import Tensor
from graphcore.core.opdef import REGISTRY, TypeAttr, TypeListAttr
from graphcore.core.scopes import get_default_graph, graph_of
from graphcore.core.shapes import TensorShape, format_shape
from graphcore.core.view import Known, NodeView, asked_values, list_length, static_view

_MOST_REMEMBERED = 5000
_MOST_DESCRIBED = 6
_MOST_IN_LIST = 64
_MOST_OUTPUTS = 1 << 20
_PLAIN = frozenset([int, float, bool, complex, str, bytes, type(None)])


def builder_of(cls):
    """The function that builds ``cls``'s nodes, written on first use."""
    if "_build" not in cls.__dict__:
        builder = _write_builder(cls)
        cls._build = cls.build = staticmethod(builder)
    return cls._build


def _write_builder(cls):
    """``build(x, y, *, name, attrs…)``: quick paths for calls like earlier ones, the careful one for the rest."""
    memo, given, calls = {}, {}, {}

    def careful(inputs, attrs, name, last):
        key = key_of_call(cls, get_default_graph(), inputs, last)
        try:
            return build_careful(cls, inputs, attrs, name, last, (memo, given, key, calls))
        except (TypeError, ValueError) as error:
            source.placed(error, described(inputs))
            raise

    cls._quick_names = dict(Tensor=Tensor, stack=scopes.graph_stack, default_graph=get_default_graph, memo=memo, calls=calls, cls=cls,
                            conversions=conversions, careful=careful, part=part, static_part=static_part, static_key=static_key,
                            repeat=repeat, outputs_of=outputs_of, attrs_key=attrs_key, user_frame=source.user_frame)
    names = [f"{i.name}_" for i in cls.inputs]
    head = f"def build({''.join(f'{n}, ' for n in names)}*, name=None, **attrs):\n    last = attrs_key(attrs) if attrs else ()"
    text = head + _quick_body(cls, names, "attrs")
    exec(compile(text, f"<graphcore builder of {cls.op_name}>", "exec"), cls._quick_names)
    return cls._quick_names["build"]


def _quick_body(cls, names, given):
    """Source of the quick paths: tensors of the default graph that the memo knows, and calls that are known, make nodes at once."""
    single = len(cls.outputs) == 1 and not cls.outputs[0].is_list
    inputs = "".join(n + ", " for n in names)
    parts = "".join([_part(n, declared) + ", " for n, declared in zip(names, cls.inputs)])
    body = """
    graph = stack.current or default_graph()
"""
    if not any(i.is_list for i in cls.inputs):
        tests = " and ".join([f"{n}.__class__ is Tensor and {n}.op.graph is graph" for n in names]) or "True"
        keys = [[f"{n}.dtype, {n}._shape.sizes, "] + [f"static_key({n}), "] * i.static for n, i in zip(names, cls.inputs)]
        body += f"""
    if {tests}:
        try:
            known = memo.get(({"".join(k for key in keys for k in key)}last))
        except TypeError:
            known = None
        if known is not None and not graph._finalized:
            own_name, number_in_it, own_key = graph._new_name(name or {cls.op_name!r})
            op = graph._make(known, ({inputs}), own_name, number_in_it, own_key, graph._line or user_frame(2))
            return {"op._outputs" if single else "outputs_of(op)"}
"""
    return body + f"""
    if not graph._finalized:
        try:
            call = calls.get((len(conversions), {parts}last))
        except TypeError:
            call = None
        if call is not None:
            op = repeat(call, graph, [{inputs}], name)
            return {"op._outputs" if single else "outputs_of(op)"}
    return careful(({inputs}), {given}, name, last)
"""


def _part(name, declared):
    """Source of what the input of that name is in the key of a call (`calls.key_of_call`)."""
    if declared.static:
        return f"(int, {name}) if {name}.__class__ is int else static_part({name}, graph)"
    if declared.is_list:
        return f"part({name}, graph)"
    return f"({name}.dtype, {name}._shape.sizes) if {name}.__class__ is Tensor and {name}.op.graph is graph else part({name}, graph)"


def quicken(function, cls):
    """Give a public function its body: that of the builder, with the attributes by name."""
    builder_of(cls)
    code, inputs = function.__code__, [i.name for i in cls.inputs]
    parameters = code.co_varnames[:code.co_argcount]
    attributes = [p for p in parameters if p not in inputs and p != "name"]
    key = "".join([f"tuple({a}) if {a}.__class__ is list else {a}, " for a in attributes])
    last = f"({' '.join(attributes)!r}, {key})" if attributes else "()"
    body = _quick_body(cls, inputs, "{" + ", ".join(f"'{a}': {a}" for a in attributes) + "}")
    namespace, found = function.__globals__, {}
    namespace.update(cls._quick_names)
    text = f"def {function.__name__}({', '.join(parameters)}):\n    last = {last}{body}"
    exec(compile(text, code.co_filename, "exec"), namespace, found)
    function.__code__ = found[function.__name__].__code__


def attrs_key(attrs):
    """The attributes that were given, to be the end of a key; what cannot be hashed raises TypeError when that is used."""
    return (tuple(attrs), *[tuple(v) if v.__class__ is list else v for v in attrs.values()])


def key_of(cls, tensors, attributes):
    """What a node is remembered by: its inputs, then ``attributes`` (`attrs_key`); None where there is nothing to go by."""
    parts = []
    try:
        for declared, tensor in zip(cls.inputs, tensors):
            if declared.is_list:
                if declared.static or len(tensor) > _MOST_IN_LIST:
                    return None
                parts.append(len(tensor))
                for each in tensor:
                    parts += (each.dtype, each._shape.sizes)
            else:
                parts += (tensor.dtype, tensor._shape.sizes)
                if declared.static:
                    parts.append(static_key(tensor))
        key = (*parts, attributes)
        hash(key)
    except TypeError:  # a list of lists among the attributes, a static input that is not constant
        return None
    return key


def outputs_of(op):
    """What building a node gives the caller: its one output, a list, or the Operation when there is none."""
    declared = op.definition.outputs
    if not declared:
        return op
    if len(declared) == 1:
        return list(op.outputs) if declared[0].is_list else op._outputs
    if not any(o.is_list for o in declared):
        return list(op.outputs)
    from graphcore.core.view import grouped

    return grouped(op.definition, op.attrs, op.outputs, declared)


# ---------------------------------------------------------------- the careful path


def described(inputs):
    """The tensors among ``inputs`` with dtypes, shapes and the lines that made them, for error messages."""
    elements = [getattr(value, "_as_graph_element", lambda: None)() for value in _flat(inputs)]
    tensors = [t for t in elements if isinstance(t, Tensor)]
    return ", ".join(f"'{t.name}' {t.dtype.base.name} {t._shape} of {t.op.source or '?'}" for t in tensors[:_MOST_DESCRIBED])


def build_careful(cls, values, attrs, name, last, remembered):
    """Build one node from anything that can be converted; every complaint names the op.

    ``last`` is `attrs_key` of the attributes.  ``remembered`` are nodes by what their inputs are (`key_of`), attributes by how
    they were given, and by its key (`key_of_call`, or None) what a call like this makes.
    """
    memo, given, call_key, calls = remembered
    if len(values) != len(cls.inputs):
        raise TypeError(f"{cls.op_name} takes {len(cls.inputs)} inputs ({', '.join(i.name for i in cls.inputs)}), "
                        f"{len(values)} were given")
    graph = get_default_graph()
    if not _are_of(graph, values):
        graph = graph_of(_flat(values))
        if graph is not get_default_graph():
            with graph.as_default():
                return build_careful(cls, values, attrs, name, last, (memo, given, None, calls))
    if graph._finalized:
        graph._check_not_finalized(f"a new operation '{name or cls.op_name}' ({cls.op_name})")
    before, line = graph._enter_scope(name or cls.op_name), graph._line
    graph._line = line or source.user_frame(4)  # the constants made of inputs are of the same line
    try:
        scope = graph._scope[0]
        first_made = len(graph._ops)
        resolved = known_attrs(cls, attrs, last, given) if attrs else {}
        tensors = convert_inputs(cls, values, resolved)
        flat = tuple(_flat(tensors))
        key = key_of(cls, tensors, last)
        kind = None if key is None else memo.get(key)
        if kind is None:
            complete_attrs(cls, resolved)
            kind = _resolve(cls, flat, resolved, scope[:-1])
            if key is not None and len(memo) < _MOST_REMEMBERED:
                memo[key] = kind
        if call_key is not None and not graph._scoped:  # scopes add to constants what is not of the call
            remember(calls, call_key, values, tensors, kind, graph._ops[first_made:])
        return outputs_of(graph._append(kind, flat, scope))
    finally:
        graph._scope, graph._line = before, line


def _are_of(graph, values):
    """Whether all these are tensors of ``graph`` or plain Python values, as far as that is seen at once."""
    for value in values:
        kind = value.__class__
        if kind is Tensor:
            if value.op.graph is not graph:
                return False
        elif kind is list or kind is tuple:
            for each in value:
                if not (each.__class__ is Tensor and each.op.graph is graph or each.__class__ in _PLAIN):
                    return False
        elif kind not in _PLAIN and getattr(value, "graph", None) is not graph:
            return False
    return True


def _flat(values):
    flat = []
    for value in values:
        if isinstance(value, (list, tuple)):
            flat += value
        else:
            flat.append(value)
    return flat


# ---------------------------------------------------------------- dtypes and shapes of the outputs


def _resolve(cls, flat, attrs, name):
    """(definition, attrs, output dtypes, output shapes) of a node; inference errors name the node and the input shapes."""
    dtypes = []
    for declared in cls.outputs:
        dtypes += _output_dtypes(declared, attrs)
        if len(dtypes) > _MOST_OUTPUTS:
            raise ValueError(f"'{name}' (op: '{cls.op_name}') would have more than {_MOST_OUTPUTS} outputs")
    shapes = infer_shapes(cls, flat, attrs, len(dtypes), name)
    return cls, attrs, tuple(dtypes), shapes


def _output_dtypes(declared, attrs):
    if isinstance(declared.type, TypeListAttr):
        return list(attrs[declared.type.name])
    dtype = attrs[declared.type.name] if isinstance(declared.type, TypeAttr) else declared.type
    if declared.ref:
        dtype = dtype._as_ref
    return [dtype] * min(list_length(declared, attrs) if declared.is_list else 1, _MOST_OUTPUTS + 1)


def infer_shapes(cls, flat, attrs, count, name=""):
    """A TensorShape for each output."""
    if cls.infer is None:
        return (TensorShape.of(None),) * count
    try:
        view = static_view(cls, flat, attrs)
        found = cls.infer(view)
        found = [_as_interned(each) for each in (found if isinstance(found, list) else [found])]
    except (ValueError, TypeError, IndexError, OverflowError, MemoryError) as error:
        shapes = [t._shape.sizes for t in flat]
        raise ValueError(shape_complaint(cls, error, name, shapes) + f"{asked_values(view)}.") from None
    for declared, item in zip(cls.inputs, view.all_inputs):
        if not declared.static and any(i.asked for i in (item if declared.is_list else [item])):
            raise AssertionError(f"{cls.op_name}.infer asks for the value of '{declared.name}': declare it with static=True")
    if len(found) != count:
        raise AssertionError(f"{cls.op_name}.infer gave {len(found)} shapes for {count} outputs")
    return tuple(found)


def shape_complaint(cls, error, name, shapes):
    """What the shape rule of ``cls`` says against these shapes, in the form of TF's messages, without the end."""
    return f"{error} for '{name}' (op: '{cls.op_name}') with input shapes: {', '.join(map(format_shape, shapes))}"


def refused(cls, attrs, arguments, name):
    """What the op's shape rule says against these arrays, as `ValueError` does while building; None if nothing."""
    if cls.infer is None:
        return None
    held = [[_held(each) for each in item] if isinstance(item, list) else _held(item) for item in arguments]
    known = [[Known(None, TensorShape.of(np.shape(v)), v) for v in item] if isinstance(item, list) else
             Known(None, TensorShape.of(np.shape(item)), item) for item in held]
    for declared, item in zip(cls.inputs, known):
        for each in item if isinstance(item, list) else [item]:
            each.dtype = attrs[declared.type.name] if isinstance(declared.type, TypeAttr) else declared.type
    try:
        cls.infer(NodeView(cls, known, attrs))
    except ValueError as error:
        shapes = [np.shape(v) for item in held for v in (item if isinstance(item, list) else [item])]
        return shape_complaint(cls, error, name, shapes) + "."
    except Exception:  # a rule that asks for more than arrays can say
        return None


def _held(argument):
    """What a run hands to a kernel: an array, or of a variable what it holds."""
    return argument.value if hasattr(argument, "initialized") else argument


def _as_interned(shape):
    return TensorShape.of(shape.sizes if isinstance(shape, TensorShape) else shape)


def build_flat(graph, op_type, inputs, attrs, name):
    """Add a node from flat tensors and complete attributes (GraphDef import, ``Graph.create_op``)."""
    cls = REGISTRY.get(op_type)
    if cls is None:
        raise NotImplementedError(f"Op type not registered '{op_type}': graphcore has no such op yet")
    resolved = dict(attrs)
    tensors, position = [], 0
    for declared in cls.inputs:
        if declared.is_list:
            length = list_length(declared, resolved)
            tensors.append(inputs[position:position + length])
            position += length
        else:
            tensors.append(inputs[position])
            position += 1
    came_from = {}
    for declared, value in zip(cls.inputs, tensors):
        for tensor in value if isinstance(value, list) else [value]:
            if declared.ref and not tensor.dtype.is_ref:
                raise TypeError(f"'{op_type}' Op requires that input '{declared.name}' be a mutable tensor (e.g.: a tf.Variable); "
                                f"'{tensor.name}' is {tensor.dtype.name}, incompatible with expected {tensor.dtype.name}_ref.")
            if isinstance(declared.type, TypeAttr):
                note_type(cls, declared, tensor, resolved, came_from)
    complete_attrs(cls, resolved)
    kind = _resolve(cls, tuple(inputs), resolved, (name or op_type).rstrip("/"))
    return graph._append(kind, tuple(inputs), name)


