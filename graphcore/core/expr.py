"""The little language of ``scalar``: one Python expression over an op's inputs.

``Expression("(x - y) * (x - y)", ["x", "y"]).numpy()`` is a function of arrays.  The same text is the
source of fused loops, so that both come from one place.
"""

import ast
import functools

import numpy as np

from graphcore.core.dtypes import bfloat16, is_bfloat16

# Every word an expression may use, with its NumPy meaning.
VOCABULARY = {
    "abs": np.absolute, "ceil": np.ceil, "conj": np.conjugate, "cos": np.cos, "cosh": np.cosh, "equal": np.equal,
    "exp": np.exp, "expm1": np.expm1, "floor": np.floor, "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan,
    "log": np.log, "log1p": np.log1p, "logical_and": np.logical_and, "logical_not": np.logical_not,
    "logical_or": np.logical_or, "maximum": np.maximum, "minimum": np.minimum, "negative": np.negative,
    "not_equal": np.not_equal, "reciprocal": np.reciprocal, "rint": np.rint, "sign": np.sign, "sin": np.sin,
    "sinh": np.sinh, "sqrt": np.sqrt, "square": np.square, "tan": np.tan, "tanh": np.tanh, "where": np.where,
    "arccos": np.arccos, "arccosh": np.arccosh, "arcsin": np.arcsin, "arcsinh": np.arcsinh, "arctan": np.arctan,
    "arctan2": np.arctan2, "arctanh": np.arctanh, "power": np.power, "fmod": np.fmod,
}
OPERATORS = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide, ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder, ast.Pow: np.power, ast.USub: np.negative, ast.Lt: np.less, ast.LtE: np.less_equal,
    ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.Eq: np.equal, ast.NotEq: np.not_equal,
}


class Expression:
    """A parsed ``scalar`` expression over ``names``."""

    def __init__(self, text, names):
        self.text, self.names = text, list(names)

    @functools.cached_property
    def tree(self):
        return ast.parse(self.text, mode="eval").body

    def faults(self):
        """What is wrong with the text, as a list of phrases."""
        try:
            used = compile(self.text, "<scalar>", "eval").co_names
        except SyntaxError:
            return [f"scalar {self.text!r} is not an expression"]
        return [f"scalar uses unknown name {name!r}" for name in used if name not in self.names and name not in VOCABULARY]

    def numpy(self):
        """A function of arrays: the ufunc itself where the expression is one, else composed NumPy calls."""
        return self._as_ufunc() or self._as_lambda()

    def _as_ufunc(self):
        function, arguments = self._outer_call()
        plain = [a.id for a in arguments if isinstance(a, ast.Name)]
        if isinstance(function, np.ufunc) and plain == self.names and len(plain) == len(arguments):
            return function
        return None

    def _outer_call(self):
        tree = self.tree
        if isinstance(tree, ast.BinOp):
            return OPERATORS[type(tree.op)], [tree.left, tree.right]
        if isinstance(tree, ast.UnaryOp):
            return OPERATORS[type(tree.op)], [tree.operand]
        if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
            return OPERATORS[type(tree.ops[0])], [tree.left, tree.comparators[0]]
        if isinstance(tree, ast.Call):
            return VOCABULARY[tree.func.id], tree.args
        return None, []

    def _as_lambda(self):
        arguments = ", ".join(self.names)
        plain = eval(compile(f"lambda {arguments}: {self.text}", "<scalar>", "eval"), dict(VOCABULARY))
        literals = sorted({node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)})
        if not literals:
            return plain
        # Beside a Python float NumPy keeps a float32 what it is, but not the bfloat16 of an extension.
        narrow = functools.cache(lambda: self._with_narrow(literals))
        return lambda first, *others: (narrow() if is_bfloat16(first.dtype) else plain)(first, *others)

    def _with_narrow(self, literals):
        """The function whose float literals are bfloat16."""
        names = {value: f"literal_{number}" for number, value in enumerate(literals)}
        text = ast.unparse(_Renamed(names).visit(ast.parse(self.text, mode="eval")))
        values = {name: bfloat16.np.type(value) for value, name in names.items()}
        return eval(compile(f"lambda {', '.join(self.names)}: {text}", "<scalar>", "eval"), {**VOCABULARY, **values})


class _Renamed(ast.NodeTransformer):
    """Puts names in the place of float literals."""

    def __init__(self, names):
        self.names = names

    def visit_Constant(self, node):
        return ast.Name(self.names[node.value], ast.Load()) if isinstance(node.value, float) else node
