"""The public surface of a module `tf` as text: what each name is, and the arguments it takes.

This file is read by the recording interpreter too, so it keeps to what Python 3.7 understands.
"""
import enum
import inspect

# "" is the module itself.
NAMESPACES = ("", "audio", "bitwise", "debugging", "errors", "gfile", "image", "initializers", "io", "layers", "linalg", "logging",
              "losses", "manip", "math", "metrics", "nn", "quantization", "random", "sets", "signal", "sparse", "spectral", "strings",
              "summary", "test", "train")
CLASSES = ("DType", "DeviceSpec", "Dimension", "Graph", "GraphKeys", "IndexedSlices", "InteractiveSession", "Operation",
           "Session", "Tensor", "TensorShape", "Variable", "VariableScope", "errors.OpError", "summary.FileWriter",
           "train.AdamOptimizer", "train.ExponentialMovingAverage", "train.GradientDescentOptimizer", "train.Optimizer")


def surface(tf, unwrap):
    """{"nn.relu": "function (features, name=None)", ...} of the public names of ``tf``."""
    found = {}
    for namespace in NAMESPACES:
        module = getattr(tf, namespace, None) if namespace else tf
        if module is not None:
            for name in names_of(module):
                found[qualified(namespace, name)] = described(getattr(module, name), unwrap)
    for path in CLASSES:
        cls = reached(tf, path)
        if cls is not None:
            for name in methods_of(cls):
                found[path + "." + name] = described(inspect.getattr_static(cls, name), unwrap, method=True)
    return found


def qualified(namespace, name):
    return namespace + "." + name if namespace else name


def reached(tf, path):
    """``tf.a.b`` for "a.b"; None if it is not there."""
    for part in path.split("."):
        tf = getattr(tf, part, None)
    return tf


def names_of(module):
    """Public names of a module, in order: its ``__all__`` or else what it has, and names that it loads on demand."""
    names = set(getattr(module, "__all__", None) or dir(module)) | set(getattr(module, "_MESSAGES", ()))
    return [name for name in sorted(names) if not name.startswith("_")]


def methods_of(cls):
    """Public attributes of a class; operators count, what every object has does not."""
    inherited = set(dir(Exception)) if issubclass(cls, Exception) else set()
    return [name for name in sorted(set(dir(cls)) - inherited) if not name.startswith("_") or name in OPERATORS]


OPERATORS = {"__%s__" % name for name in (
    "abs add and bool div enter exit floordiv ge getitem gt invert iter le len lt matmul mod mul neg or pow radd rand rdiv "
    "rfloordiv rmatmul rmod rmul ror rpow rsub rtruediv rxor sub truediv xor").split()}


def described(item, unwrap, method=False):
    """What a public name is, in one line of text."""
    if isinstance(item, (property, staticmethod, classmethod)):
        if isinstance(item, property):
            return "property"
        return "%s %s" % (type(item).__name__, signature(item.__func__, unwrap, skip=isinstance(item, classmethod)))
    if inspect.ismodule(item):
        return "module"
    if inspect.isclass(item):
        return class_described(item, unwrap)
    if callable(item):
        return "function %s" % signature(item, unwrap, skip=method)
    return "property" if inspect.isdatadescriptor(item) else "constant %s" % shown(item)


def class_described(cls, unwrap):
    if hasattr(cls, "DESCRIPTOR"):
        return "message"
    if issubclass(cls, enum.Enum):
        return "enum (%s)" % ", ".join(each.name for each in cls)
    return "class %s" % signature(cls.__init__, unwrap, skip=True)


def signature(function, unwrap, skip=False):
    """``(x, axis=None, *others)``; "(...)" where Python does not know."""
    try:
        parameters = list(inspect.signature(unwrap(function)).parameters.values())
    except (TypeError, ValueError):
        return "(...)"
    return "(%s)" % ", ".join(parameter_shown(each) for each in parameters[1 if skip else 0:])


def parameter_shown(parameter):
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    default = "" if parameter.default is parameter.empty else "=" + shown(parameter.default)
    return stars + parameter.name + default


def shown(value):
    """A default or a constant as text that does not depend on the module or the interpreter."""
    if type(value).__name__ == "DType":
        return "tf." + value.name
    if isinstance(value, enum.Enum):
        return "%s.%s" % (type(value).__name__, value.name)
    if value is None or isinstance(value, (bool, int, float, str, bytes, tuple, list, dict)):
        return repr(value)
    return getattr(value, "__name__", type(value).__name__)
