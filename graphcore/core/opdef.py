"""How one op is declared: a class body that says everything about it.

``class MatMul(Op)`` lists attributes, inputs and outputs in GraphDef's order and names, then its
shape rule (``infer``), its ``kernel``, its ``grad`` and an ``example``.  The class name is the
GraphDef op.  Creating the class checks that the declaration hangs together and registers it.
"""

import functools
import inspect
import types

import numpy as np

from graphcore.core import dtypes, errors, source
from graphcore.core.dtypes import DType
from graphcore.core.expr import Expression
from graphcore.core.shapes import TensorShape, broadcast, format_shape

REQUIRED = object()
_MOST_SEEN = 1000  # combinations of shapes that a kernel remembers


class Registry(dict):
    """GraphDef name → op.  Ops that no program has asked for are declared when one is missed, or all are listed."""

    load_all = None  # declares them: `graphcore` knows how, and sets it

    def complete(self):
        """Declare every op."""
        if self.load_all is not None:
            self.load_all()
            self.load_all = None
        return super()

    def __missing__(self, name):
        if self.load_all is None:
            raise KeyError(name)
        self.complete()
        return self[name]

    def get(self, name, default=None):
        return self[name] if name in self else default

    def __contains__(self, name):
        return super().__contains__(name) or self.complete().__contains__(name)

    def __iter__(self):
        return self.complete().__iter__()

    def __len__(self):
        return self.complete().__len__()

    def keys(self):
        return self.complete().keys()

    def values(self):
        return self.complete().values()

    def items(self):
        return self.complete().items()


REGISTRY: dict[str, type] = Registry()


class DeclarationError(TypeError):
    """An op's class body does not hang together; the message lists every fault."""


class TypeAttr:
    """A dtype attribute (``T``) with the dtypes it allows and, rarely, a default.

    ``without_kernel`` are those that a graph may hold and no run can compute: TF has no kernel for them either."""

    def __init__(self, allowed, *, default=None, name=None, without_kernel=()):
        self.allowed, self.default, self.name, self.without_kernel = frozenset(allowed), default, name, frozenset(without_kernel)


class TypeListAttr:
    """A list of dtypes, one for each tensor of a heterogeneous list input or output."""

    def __init__(self, allowed=None, *, name=None, minimum=0):
        self.allowed, self.name, self.minimum = allowed, name, minimum


class Attr:
    """A plain attribute.  ``kind`` is bool, int, float, bytes, DType, TensorShape, np.ndarray or a
    one-element list of these (``[int]``); ``allowed`` lists the values of a string attribute, ``minimum`` is
    the least value of an integer and the least length of a list; an attribute that counts tensors has 1."""

    def __init__(self, kind, *, default=REQUIRED, name=None, allowed=None, minimum=None):
        self.kind, self.default, self.name, self.allowed, self.minimum = kind, default, name, allowed, minimum


class Input:
    """An input: its type (a DType, TypeAttr or TypeListAttr), and whether it is a list (``count``),
    wanted while building (``static``) or the variable itself instead of its value (``ref``)."""

    def __init__(self, type, *, count=None, static=False, ref=False):
        self.type, self.count, self.static, self.ref = type, count, static, ref
        self.name = None
        if count is not None and count.minimum is None:
            count.minimum = 1
        self.is_list = count is not None or isinstance(type, TypeListAttr)


class Output(Input):
    """An output; the same fields as :class:`Input`, ``static`` unused."""


def public_name(name):
    """A trailing underscore only dodges a Python word: ``grad_`` is exported as ``grad``."""
    return name.rstrip("_")


class Op:
    """Base of all declarations.  Traits are class keywords:

    stateful        has state or effects: never merged, folded or moved
    differentiable  False states that there is no gradient (it is never the default)
    refuses         not differentiable, and asking for the gradient is a LookupError: TF has no word on it
    view            passes its first input's buffer on: reading a variable through it takes no snapshot
    same            a view that changes nothing: its output is its input
    branch          "switch" or "merge": where a conditional branch begins and ends
    checks          is there to fail on bad values: it runs even if nobody takes its result
    aliases         its kernel may return an input, or a NumPy view on one
    variable        its output is a variable of the session
    strict          its kernel takes whatever NumPy takes: in a run, too, ``infer`` has to refuse shapes that do not fit
    equal_shapes    its kernel would broadcast, and must not: all inputs have the same shape
    moves           its outputs are elements of the inputs of their type, at places that shapes and the other inputs decide alone
    """

    op_name = "Op"
    stateful = False
    differentiable = True
    refuses = False
    view = False
    same = False
    branch = ""
    checks = False
    aliases = False
    variable = False
    strict = False
    equal_shapes = False
    moves = False
    inputs: tuple = ()
    outputs: tuple = ()
    attrs: dict = {}
    example: dict | None = None
    grad = None
    infer = None
    kernel = None
    keeping_kernel = None  # the kernel for a last input that is the run's own and changes no more: it may become a variable's
    update_rule = None  # (rule, the inputs that are variables, the other inputs): what `kernel` does to whole variables
    becomes = None  # the expression of what each element of the first input, a variable, becomes
    rows_become = None  # the same for the rows of a variable that ``indices`` name: each becomes this, one after the other
    multiplies = None  # view → whether each of the two inputs is turned: the op is their matrix product
    picks_rows = None  # view → whether the op gives those rows of its first input that its second numbers
    # How each row of the outputs comes from the rows of the inputs, which are of one shape: statements in the language of
    # ``scalar``, and ``name = added(other)`` or ``largest(other)`` for what is one number a row.
    rows = None
    new_state = None
    constant_value = None  # attrs → array: the op is a constant
    static_value = None  # view → array or None: its value follows from input shapes or static values
    static_values = None  # the same for all entries of a list that is the output; only plans ask for it
    # input → the number that leaves the other input as it is where it is everywhere: whatever that is, NaN and -0.0 among it.
    neutral: dict = {}
    undoes_itself = False  # applied twice, it gives what was there, whatever that is
    same_elements = None  # (view, output sizes) → bool: with these shapes the output has the first input's elements in order
    loop = None  # how a fused loop computes one element where that is not `scalar`: an expression, or view → expression or None
    spread = None  # the name of the input whose only element fills the output
    adds_up = None  # view → (axes, whether it is their mean): the first input is added up over them; None where that is not known
    step = "added"  # what ``adds_up`` does in place of adding: also multiplied, largest_number and smallest_number (NaN is none)
    partial_value = None  # view → list of int or None: what is known of a shape-like result

    def __init_subclass__(cls, *, abstract=False, stateful=None, differentiable=None, refuses=None, view=None, same=None,
                          branch=None, checks=None, aliases=None, variable=None, strict=None, equal_shapes=None, moves=None, op_name=None,
                          **others):
        super().__init_subclass__(**others)
        traits = dict(stateful=stateful, differentiable=False if refuses else differentiable, refuses=refuses, view=view or same, same=same,
                      branch=branch, checks=checks, aliases=aliases, variable=variable, strict=strict, equal_shapes=equal_shapes,
                      moves=moves)
        for trait, value in traits.items():
            if value is not None:
                setattr(cls, trait, value)
        if cls.view:
            cls.aliases = True
        if abstract:
            return
        cls.op_name = op_name or cls.__name__
        _collect(cls)
        _check(cls)
        REGISTRY[cls.op_name] = cls

    @classmethod
    def build(cls, *inputs, name=None, **attrs):
        """Add one node to the default graph; returns its output (a list if several, the Operation if none)."""
        return _builder(cls)(*inputs, name=name, **attrs)

    @classmethod
    def function(cls, name=None):
        """The public Python function with TF's argument order: inputs, attributes, ``name``."""
        return _public_function(cls, name)

    @classmethod
    def bind(cls, attrs, kernel=None):
        """The kernel of a node with these attributes (or another function of its sort): a callable of the input arrays alone."""
        if cls.has_gaps and not cls.has_kernel(attrs):
            return functools.partial(_complain_of_no_kernel, cls, attrs)
        keywords = cls.kernel_attrs
        kernel = kernel or cls._kernel or _kernel_of(cls)
        if keywords:
            kernel = _bound(kernel, {k: attrs[public_name(k)] for k in keywords})
        if cls.strict:
            return _refusing(cls, attrs, kernel)
        return _of_equal_shapes(cls, kernel) if cls.equal_shapes else kernel


    @classmethod
    def has_kernel(cls, attrs):
        """Whether there is code for the dtypes of a node with these attributes."""
        return not any(isinstance(attr, TypeAttr) and attrs[name] in attr.without_kernel for name, attr in cls.attrs.items())


class Elementwise(Op, abstract=True):
    """An op that works element by element with broadcasting; ``scalar`` is its expression over the inputs."""

    scalar = None

    def infer(node):
        result = node.inputs[0].shape.sizes
        for other in node.inputs[1:]:
            result = broadcast(result, other.shape.sizes)
        return TensorShape.of(result)


def _complain_of_no_kernel(cls, attrs, *_):
    types = {name: attr for name, attr in cls.attrs.items() if isinstance(attr, TypeAttr)}
    given = ", ".join(f"{name}={_type_names([attrs[name]])}" for name in types)
    known = "; ".join(f"{name} in [{_type_names(attr.allowed - attr.without_kernel)}]" for name, attr in types.items())
    raise errors.InvalidArgumentError(
        None, None, f"No OpKernel was registered to support Op '{cls.op_name}' used by {source.NODE_NAME} with these attrs: [{given}]\n"
        f"Registered devices: [CPU]\nRegistered kernels:\n  device='CPU'; {known}")


def _refusing(cls, attrs, kernel):
    """``kernel``, to which only inputs go whose shapes the op's own rule has seen and not refused."""
    from graphcore.core.build import refused  # core/build.py needs this module's classes

    seen = set()

    def checked(*arguments):
        shapes = tuple([tuple([np.shape(v) for v in a]) if a.__class__ is list else np.shape(a) for a in arguments])
        if shapes not in seen:
            complaint = refused(cls, attrs, arguments, source.NODE_NAME)
            if complaint is not None:
                raise errors.InvalidArgumentError(None, None, complaint)
            if len(seen) < _MOST_SEEN:
                seen.add(shapes)
        return kernel(*arguments)

    return checked


def _of_equal_shapes(cls, kernel):
    """``kernel`` for inputs of the same shape alone."""
    def checked(first, *others):
        for other in others:
            if other.shape != first.shape:
                raise errors.InvalidArgumentError(
                    None, None, f"Inputs to operation {source.NODE_NAME} of type {cls.op_name} must have the same size and shape.  "
                    f"Input 0: {format_shape(first.shape)} != input 1: {format_shape(other.shape)}")
        return kernel(first, *others)

    return checked


def _type_names(types):
    return ", ".join("DT_" + each.name.upper() for each in dtypes.in_tf_order(types))


def _bound(kernel, values):
    """``kernel`` with its keyword-only parameters set: the same code with other defaults, so that a call costs nothing more."""
    if kernel.__code__.co_flags & inspect.CO_VARKEYWORDS:  # attributes that the code does not name have no default to set
        return functools.partial(kernel, **values)
    function = types.FunctionType(kernel.__code__, kernel.__globals__, kernel.__name__, kernel.__defaults__, kernel.__closure__)
    function.__kwdefaults__ = values
    return function


def _kernel_of(cls):
    """The class's kernel; an element-wise op without one of its own gets NumPy's from ``scalar``."""
    if cls.kernel is not None:
        cls._kernel = staticmethod(cls.kernel)
        return cls.kernel
    if getattr(cls, "scalar", None) is None:
        raise NotImplementedError(f"{cls.op_name}: no kernel")
    kernel = Expression(cls.scalar, [i.name for i in cls.inputs]).numpy()
    cls._kernel = staticmethod(kernel)
    return kernel


# ---------------------------------------------------------------- collecting and checking


_FUNCTIONS = frozenset(["infer", "kernel", "grad", "new_state", "constant_value", "static_value", "static_values", "partial_value",
                        "same_elements", "loop", "adds_up", "keeping_kernel", "multiplies", "picks_rows"])  # no methods


def _collect(cls):
    """Gather what the class body declares, in the order it stands there."""
    attrs, inputs, outputs, unnamed = {}, [], [], []
    for name, value in list(cls.__dict__.items()):
        kind = value.__class__
        if kind is TypeAttr or kind is Attr or kind is TypeListAttr:
            value.name = value.name or public_name(name)
            attrs[value.name] = value
        elif kind is Input or kind is Output:
            value.name = public_name(name)
            (outputs if kind is Output else inputs).append(value)
            if value.type.__class__ is TypeAttr or value.type.__class__ is TypeListAttr:
                if value.type.name:
                    attrs.setdefault(value.type.name, value.type)
                else:
                    unnamed.append(value.type)  # the class body may name it yet
        elif kind is types.FunctionType and name in _FUNCTIONS:
            setattr(cls, name, staticmethod(value))
    for attr in unnamed:
        attrs.setdefault(attr.name, attr)
    cls.attrs, cls.inputs, cls.outputs = attrs, tuple(inputs), tuple(outputs)
    cls.kernel_attrs = _keyword_only(cls.kernel)
    cls.has_gaps = any(isinstance(attr, TypeAttr) and attr.without_kernel for attr in attrs.values())
    cls.takes_state = cls.new_state is not None
    cls.takes_refs = any(i.ref for i in inputs)
    cls.is_simple = _is_simple(cls)
    cls._kernel = None


def _is_simple(cls):
    """Whether the op computes one value from values: what most nodes of a long graph are, and planning is quick for."""
    special = cls.branch or cls.variable or cls.view or cls.constant_value is not None
    plain_inputs = not any(i.ref or i.is_list or i.type is dtypes.resource for i in cls.inputs)
    return not special and plain_inputs and len(cls.outputs) == 1 and not (cls.outputs[0].ref or cls.outputs[0].is_list)


def _keyword_only(kernel):
    if not inspect.isfunction(kernel):
        return ()
    code = kernel.__code__
    return code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount]


def _check(cls):
    faults = []
    if not cls.__doc__:
        faults.append("no docstring")
    is_ours = cls.__module__.startswith("graphcore.")  # there may be more of ours to come: they are not waited for
    if dict.__contains__(REGISTRY, cls.op_name) or not is_ours and cls.op_name in REGISTRY:
        faults.append("declared twice")
    if None in cls.attrs:
        faults.append("a TypeAttr written inside an Input needs name=")
    if cls.differentiable and cls.grad is None:
        faults.append("no grad: write one, or say differentiable=False")
    if not cls.differentiable and cls.grad is not None:
        faults.append("has a grad, and says differentiable=False")
    faults += _kernel_faults(cls)
    scalar = getattr(cls, "scalar", None)
    if scalar is not None:
        faults += Expression(scalar, [i.name for i in cls.inputs]).faults()
    if faults:
        raise DeclarationError(f"{cls.op_name}: " + "; ".join(faults))


def _kernel_faults(cls):
    kernel = cls.kernel
    if not inspect.isfunction(kernel):
        return []
    code = kernel.__code__
    taken = [public_name(n) for n in code.co_varnames[:code.co_argcount]]
    wanted = (["state"] if cls.takes_state else []) + [i.name for i in cls.inputs]
    faults = []
    if taken != wanted and not code.co_flags & inspect.CO_VARARGS:
        faults.append(f"kernel takes {taken}, the inputs are {wanted}")
    faults += [f"kernel wants attribute {k}, which is not declared" for k in cls.kernel_attrs
               if public_name(k) not in cls.attrs]
    return faults


def _builder(cls):
    from graphcore.core.build import builder_of  # core/build.py needs this module's classes

    return builder_of(cls)


def _public_function(cls, name):
    parameters = [inspect.Parameter(i.name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for i in cls.inputs]
    plain = [a for a in cls.attrs.values() if isinstance(a, Attr) and not _counts(cls, a)]
    outputs_only = [a for a in cls.attrs.values() if isinstance(a, TypeAttr) and not _typed_by_input(cls, a)]
    needed = [a for a in plain + outputs_only if getattr(a, "default", None) in (REQUIRED, None) and
              (isinstance(a, TypeAttr) or a.default is REQUIRED)]
    optional = [a for a in plain + outputs_only if a not in needed]
    for attr in needed:
        parameters.append(inspect.Parameter(attr.name, inspect.Parameter.POSITIONAL_OR_KEYWORD))
    for attr in optional:
        parameters.append(inspect.Parameter(attr.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=attr.default))
    parameters.append(inspect.Parameter("name", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None))
    return _written_function(cls, name or _snake(cls.op_name), parameters)


def _counts(cls, attr):
    return any(i.count is attr for i in cls.inputs)


def _typed_by_input(cls, attr):
    return any(i.type is attr for i in cls.inputs)


def _written_function(cls, name, parameters):
    """A real function with these parameters and a true signature; its body is written when it is first called.

    Until then it has the code of a template, which costs much less to make than any code of its own.
    """
    words = tuple([p.name for p in parameters])

    def first_call(*values):
        from graphcore.core.build import quicken  # core/build.py needs this module's classes

        quicken(function, cls)
        return function(*values)

    code = _template(len(words)).replace(co_name=name, co_qualname=name, co_varnames=words, co_filename=f"<graphcore {cls.op_name}>")
    defaults = tuple([p.default for p in parameters if p.default is not inspect.Parameter.empty])
    function = types.FunctionType(code, {"first_call": first_call}, name, defaults)
    function.__doc__ = cls.__doc__
    function.__module__ = cls.__module__
    return function


@functools.cache
def _template(count):
    """The code of a function of so many arguments that hands them on to ``first_call``."""
    names = ", ".join([f"argument_{i}" for i in range(count)])
    return eval(f"lambda {names}: first_call({names})").__code__


def _snake(name):
    out = []
    for i, letter in enumerate(name):
        if letter.isupper() and i and not name[i - 1].isupper():
            out.append("_")
        out.append(letter.lower())
    return "".join(out)


def normalise(op_name, attr, value):
    """``value`` in the form that ``attr`` keeps: bytes for strings, tuples for lists, DType objects."""
    kind = attr.kind
    try:
        if isinstance(kind, list):
            if value is None or isinstance(value, (str, bytes)):
                raise TypeError
            value = tuple(_normalise_one(kind[0], v) for v in value)
        else:
            value = _normalise_one(kind, value)
    except (TypeError, ValueError):
        wanted = getattr(kind, "__name__", f"list of {kind[0].__name__}" if isinstance(kind, list) else str(kind))
        raise TypeError(f"Expected {wanted} for argument '{attr.name}' not {value!r}.") from None
    if attr.minimum is not None:
        check_minimum(op_name, attr, value)
    if attr.allowed and value not in attr.allowed:
        allowed = '", "'.join(a.decode() for a in attr.allowed)
        raise ValueError(f'Attr \'{attr.name}\' of \'{op_name}\' Op passed string \'{value.decode(errors="replace")}\' not in: '
                         f'"{allowed}".')
    return value


def check_minimum(op_name, attr, value):
    """ValueError for a number below the least value of an attribute, or a list that is too short."""
    is_number = isinstance(value, int)
    if (value if is_number else len(value)) < attr.minimum:
        given = value if is_number else f"list of length {len(value)}"
        raise ValueError(f"Attr '{attr.name}' of '{op_name}' Op passed {given} less than minimum {attr.minimum}.")


def _normalise_one(kind, value):
    if kind is bool:
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError
        return bool(value)
    if kind is int:
        if isinstance(value, (str, bytes)) or value is None:
            raise TypeError
        return int(value)  # a float is cut, as in TF
    if kind is float:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return float(value)
    if kind is bytes:
        return value.encode() if isinstance(value, str) else bytes(memoryview(value))
    if kind is DType:
        from graphcore.core.dtypes import as_dtype

        return as_dtype(value).base
    if kind is TensorShape:
        from graphcore.core.shapes import as_shape

        return TensorShape.of(as_shape(value).sizes)
    return np.asarray(value) if kind is np.ndarray else value
