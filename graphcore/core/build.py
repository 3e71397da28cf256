"""Building nodes: inputs are converted, dtypes and attributes resolved, shapes inferred, the node appended.

What a node becomes depends on its input dtypes, shapes, static values and attributes alone, so it is
remembered; a builder of its own is written for each op when the op is first used.
"""

from graphcore.core import convert, scopes, source
from graphcore.core.dtypes import as_dtype, in_tf_order
from graphcore.core.node import Tensor
from graphcore.core.opdef import REGISTRY, REQUIRED, TypeAttr, TypeListAttr, normalise
from graphcore.core.scopes import get_default_graph, graph_of
from graphcore.core.shapes import ShapeMismatch, TensorShape, format_shape
from graphcore.core.view import asked_values, list_length, static_view

_MOST_REMEMBERED = 5000
_STATIC_BYTES = 64
_MOST_DESCRIBED = 6


def builder_of(cls):
    """The function that builds ``cls``'s nodes, written on first use."""
    if "_build" not in cls.__dict__:
        builder = _write_builder(cls)
        cls._build = cls.build = staticmethod(builder)
    return cls._build


def _write_builder(cls):
    """``build(x, y, *, name, attrs…)``: a quick path for tensors seen before, the careful one for the rest."""
    inputs = [i.name for i in cls.inputs]
    memo = {}

    def careful(inputs, attrs, name):
        try:
            return build_careful(cls, inputs, attrs, name, memo)
        except (TypeError, ValueError) as error:
            source.placed(error, described(inputs))
            raise

    if any(i.is_list for i in cls.inputs):
        def build(*values, name=None, **attrs):
            return careful(values, attrs, name)
        return build
    names = [f"{n}_" for n in inputs]
    tests = " and ".join(f"type({n}) is Tensor and {n}.op.graph is graph" for n in names) or "True"
    keys = [f"{n}.dtype, {n}._shape.sizes" for n in names]
    keys += [f"static_key({n}_)" for n, i in zip(inputs, cls.inputs) if i.static]
    unpack = {0: "op", 1: "op._outputs"}.get(len(cls.outputs), "op.outputs")
    if any(o.is_list for o in cls.outputs) or len(cls.outputs) > 1:
        unpack = "outputs_of(op)"
    text = f"""
def build({"".join(n + ", " for n in names)}*, name=None, **attrs):
    items = stack.items
    graph = items[-1] if items else default_graph()
    if {tests}:
        try:
            entry = memo.get(({"".join(k + ", " for k in keys)}*attrs.items(),))
        except TypeError:
            entry = None
        if entry is not None:
            op = graph._append(cls, *entry, ({"".join(n + ", " for n in names)}), name)
            return {unpack}
    return careful(({"".join(n + ", " for n in names)}), attrs, name)
"""
    namespace = dict(Tensor=Tensor, stack=scopes.graph_stack, default_graph=get_default_graph, memo=memo, cls=cls,
                     careful=careful, static_key=static_key, outputs_of=outputs_of)
    exec(compile(text, f"<graphcore builder of {cls.op_name}>", "exec"), namespace)
    return namespace["build"]


def static_key(tensor):
    """What inference may ask of a static input, hashable; raises TypeError when that takes more than a constant."""
    own = tensor.op.definition.constant_value
    if own is None:
        raise TypeError
    value = own(tensor.op.attrs)
    if value.nbytes > _STATIC_BYTES or value.dtype.kind == "O":
        raise TypeError
    return value.tobytes()


def outputs_of(op):
    """What building a node gives the caller: its one output, a list, or the Operation when there is none."""
    declared = op.definition.outputs
    if not declared:
        return op
    if len(declared) == 1:
        return list(op.outputs) if declared[0].is_list else op.outputs[0]
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


def build_careful(cls, values, attrs, name, memo=None):
    """Build one node from anything that can be converted; every complaint names the op."""
    if len(values) != len(cls.inputs):
        raise TypeError(f"{cls.op_name} takes {len(cls.inputs)} inputs ({', '.join(i.name for i in cls.inputs)}), "
                        f"{len(values)} were given")
    graph = graph_of(_flat(values))
    if graph is not get_default_graph():
        with graph.as_default():
            return build_careful(cls, values, attrs, name, memo)
    graph._check_not_finalized(f"a new operation '{name or cls.op_name}' ({cls.op_name})")
    given = dict(attrs)
    with graph.name_scope(name or cls.op_name) as scope:
        resolved = _given_attrs(cls, attrs)
        tensors = _convert_inputs(cls, values, resolved)
    _complete_attrs(cls, resolved)
    flat = tuple(_flat(tensors))
    entry = _resolve(cls, flat, resolved, scope[:-1])
    if memo is not None and len(memo) < _MOST_REMEMBERED:
        _remember(memo, cls, flat, given, entry)
    return outputs_of(graph._append(cls, *entry, flat, scope, depth=3))


def _remember(memo, cls, flat, given, entry):
    if any(i.is_list for i in cls.inputs):
        return
    try:
        key = [part for t in flat for part in (t.dtype, t._shape.sizes)]
        key += [static_key(t) for t, i in zip(flat, cls.inputs) if i.static]
        memo[(*key, *given.items())] = entry
    except TypeError:  # a list among the attributes, a static input that is not constant
        pass


def _flat(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from value
        else:
            yield value


def _given_attrs(cls, attrs):
    resolved = {}
    for key, value in attrs.items():
        key = key.rstrip("_")
        declared = cls.attrs.get(key)
        if declared is None:
            if not key.startswith("_"):
                raise TypeError(f"{cls.op_name}() got an unexpected keyword argument '{key}'")
            resolved[f"_{key}".replace("__", "_", 1)] = value
        elif isinstance(declared, TypeAttr):
            if value is not None:
                resolved[key] = as_dtype(value).base
        elif isinstance(declared, TypeListAttr):
            resolved[key] = tuple(as_dtype(v).base for v in value)
        else:
            resolved[key] = normalise(cls.op_name, declared, value)
    return resolved


def _complete_attrs(cls, resolved):
    for key, declared in cls.attrs.items():
        if key not in resolved:
            default = getattr(declared, "default", REQUIRED)
            if default is REQUIRED or (default is None and isinstance(declared, TypeAttr)):
                raise TypeError(f"{cls.op_name}: attribute '{key}' is missing")
            resolved[key] = default if isinstance(declared, TypeAttr) else normalise(cls.op_name, declared, default)
        elif isinstance(declared, TypeAttr):
            _check_allowed(cls, declared, resolved[key], f"attr '{key}'")


def _check_allowed(cls, declared, dtype, what):
    if dtype not in declared.allowed:
        allowed = ", ".join(d.name for d in in_tf_order(declared.allowed))
        raise TypeError(f"Value passed to {what} has DataType {dtype.name} not in list of allowed values: {allowed}")


def _convert_inputs(cls, values, resolved):
    """The inputs as tensors; TypeAttrs met on the way are entered into ``resolved``."""
    tensors, came_from = [], {}
    for declared, value in zip(cls.inputs, values):
        if not declared.is_list:
            tensor = _convert_one(cls, declared, value, resolved, came_from)
            _note_type(cls, declared, tensor, resolved, came_from)
        elif isinstance(declared.type, TypeListAttr):
            tensor = _convert_any(cls, declared, value, resolved)
        else:
            tensor = _convert_list(cls, declared, value, resolved, came_from)
        tensors.append(tensor)
    return tensors


def _wanted(declared, resolved):
    """(the dtype an input must have, or None; the dtype to prefer, or None)."""
    if not isinstance(declared.type, TypeAttr):
        return declared.type, None
    known = resolved.get(declared.type.name)
    return known, None if known else declared.type.default


def _convert_one(cls, declared, value, resolved, came_from):
    dtype, preferred = _wanted(declared, resolved)
    op_name, name = cls.op_name, declared.name
    try:
        tensor = convert.to_tensor(value, dtype, name, declared.ref, preferred)
    except TypeError as error:
        if dtype is None:
            raise
        raise TypeError(f"Expected {dtype.name} passed to parameter '{name}' of op '{op_name}', got {value!r} of type "
                        f"'{type(value).__name__}' instead. Error: {source.unplaced(error)}") from None
    except ValueError as error:
        raise _mismatch(declared, value, resolved, came_from, op_name, error) from None
    if declared.ref and not tensor.dtype.is_ref:
        raise TypeError(f"'{op_name}' Op requires that input '{name}' be a mutable tensor (e.g.: a tf.Variable)")
    return tensor


def _mismatch(declared, value, resolved, came_from, op_name, error):
    try:
        observed = convert.to_tensor(value).dtype.name
    except ValueError as inner:
        return ValueError(f"Tried to convert '{declared.name}' to a tensor and failed. Error: {source.unplaced(inner)}")
    prefix = f"Input '{declared.name}' of '{op_name}' Op has type {observed} that does not match"
    if not isinstance(declared.type, TypeAttr):
        return TypeError(f"{prefix} expected type of {declared.type.name}.")
    other = came_from.get(declared.type.name)
    if other is None:
        return error
    known = resolved[declared.type.name].name
    return TypeError(f"{prefix} type {known} of argument '{other}'. tf.cast(..., tf.{known}) converts.")


def _note_type(cls, declared, tensor, resolved, came_from):
    if isinstance(declared.type, TypeAttr):
        key, base = declared.type.name, tensor.dtype.base
        if key not in resolved:
            _check_allowed(cls, declared.type, base, f"parameter '{declared.name}'")
            resolved[key] = base
            came_from[key] = declared.name
        elif resolved[key] is not base:
            raise TypeError(f"Input '{declared.name}' of '{cls.op_name}' Op has type {base.name} that does not match type "
                            f"{resolved[key].name} of argument '{came_from.get(key, key)}'.")


def _convert_list(cls, declared, values, resolved, came_from):
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"Expected list for '{declared.name}' argument to '{cls.op_name}' Op, not {values}.")
    dtype, preferred = _wanted(declared, resolved)
    if dtype is None and not declared.ref:
        dtype = next((v.dtype.base for v in values if isinstance(v, Tensor)), None)
    try:
        tensors = convert.convert_n_to_tensor(values, dtype, declared.name, preferred, declared.ref)
        if dtype is None and tensors and any(t.dtype.base is not tensors[0].dtype.base for t in tensors):
            raise TypeError
    except (TypeError, ValueError):
        raise _list_mismatch(cls, declared, values, dtype, came_from) from None
    _check_length(cls, declared, tensors, declared.count.minimum)
    resolved[declared.count.name] = len(tensors)
    for tensor in tensors:
        _note_type(cls, declared, tensor, resolved, came_from)
    return tensors


def _list_mismatch(cls, declared, values, dtype, came_from):
    seen = []
    for value in values:
        try:
            seen.append(convert.to_tensor(value).dtype.base.name)
        except (TypeError, ValueError):
            seen.append("<NOT CONVERTIBLE TO TENSOR>")
    prefix = f"Tensors in list passed to '{declared.name}' of '{cls.op_name}' Op have types [{', '.join(seen)}]"
    if isinstance(declared.type, TypeAttr) and declared.type.name in came_from:
        return TypeError(f"{prefix} that do not match type {dtype.name} inferred from earlier arguments.")
    if not isinstance(declared.type, TypeAttr):
        return TypeError(f"{prefix} that do not match expected type {declared.type.name}.")
    return TypeError(f"{prefix} that don't all match.")


def _convert_any(cls, declared, values, resolved):
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"Expected list for '{declared.name}' argument to '{cls.op_name}' Op, not {values}.")
    tensors = convert.convert_n_to_tensor(values, None, declared.name, None, declared.ref)
    resolved[declared.type.name] = tuple(t.dtype.base for t in tensors)
    _check_length(cls, declared, tensors, declared.type.minimum)
    return tensors


def _check_length(cls, declared, tensors, minimum):
    if len(tensors) < minimum:
        raise ValueError(f"List argument '{declared.name}' to '{cls.op_name}' Op with length {len(tensors)} shorter than "
                         f"minimum length {minimum}.")


# ---------------------------------------------------------------- dtypes and shapes of the outputs


def _resolve(cls, flat, attrs, name):
    """(attrs, output dtypes, output shapes) of a node; inference errors name the node and the input shapes."""
    dtypes = []
    for declared in cls.outputs:
        dtypes += _output_dtypes(declared, attrs)
    shapes = infer_shapes(cls, flat, attrs, len(dtypes), name)
    return attrs, tuple(dtypes), shapes


def _output_dtypes(declared, attrs):
    if isinstance(declared.type, TypeListAttr):
        return list(attrs[declared.type.name])
    dtype = attrs[declared.type.name] if isinstance(declared.type, TypeAttr) else declared.type
    if declared.ref:
        dtype = dtype._as_ref
    return [dtype] * (list_length(declared, attrs) if declared.is_list else 1)


def infer_shapes(cls, flat, attrs, count, name=""):
    """A TensorShape for each output."""
    if cls.infer is None:
        return (TensorShape.of(None),) * count
    try:
        view = static_view(cls, flat, attrs)
        found = cls.infer(view)
    except ShapeMismatch as error:
        shapes = ", ".join(format_shape(t._shape.sizes) for t in flat)
        raise ValueError(f"{error} for '{name}' (op: '{cls.op_name}') with input shapes: {shapes}{asked_values(view)}.") from None
    found = found if isinstance(found, list) else [found]
    if len(found) != count:
        raise AssertionError(f"{cls.op_name}.infer gave {len(found)} shapes for {count} outputs")
    return tuple(_as_interned(s) for s in found)


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
                _note_type(cls, declared, tensor, resolved, came_from)
    _complete_attrs(cls, resolved)
    entry = _resolve(cls, tuple(inputs), resolved, (name or op_type).rstrip("/"))
    return graph._append(cls, *entry, tuple(inputs), name)


