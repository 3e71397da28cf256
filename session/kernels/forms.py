"""How one plan node is computed element by element: the text of its loop body, with every number typed.

The text comes from the op's declaration (``scalar``, or ``loop`` where that says more); here each name becomes a
variable of the loop, each number a constant of its operands' type, and what NumPy would convert is converted.
"""

import ast
import functools

NUMBER_TYPES = {"float32": "f4", "float64": "f8", "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "uint8": "u1",
                "bool": "b1"}
FLOATS = {"float32", "float64"}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_OF_BOOLS = {"logical_and", "logical_or", "logical_not"}
_TESTS = {"isnan", "isinf", "isfinite"}
_TWOS = {"f4(2.0)", "f8(2.0)"}


class NotFusable(Exception):
    """A node cannot be part of a fused loop."""


def text_of(op, view):
    """The expression over the op's inputs that a loop evaluates, or None; list inputs are called ``name_0``, ``name_1`` …"""
    loop = op.loop
    if loop is None:
        return getattr(op, "scalar", None)
    return loop if isinstance(loop, str) else loop(view())


def cast(text, kind, wanted):
    """``text`` of type ``kind`` as ``wanted``, as NumPy converts; floats to integers are not among it."""
    if kind == wanted:
        return text
    if wanted == "bool":
        return f"({text} != {literal(0, kind)})"
    if kind == "bool":
        return f"where({text}, {literal(1, wanted)}, {literal(0, wanted)})"
    if wanted not in FLOATS:
        raise NotFusable(f"{kind} to {wanted}")
    return f"{NUMBER_TYPES[wanted]}({text})"


def literal(value, kind):
    if kind == "bool":
        return repr(bool(value))
    return f"{NUMBER_TYPES[kind]}({float(value)!r})" if kind in FLOATS else f"{NUMBER_TYPES[kind]}({int(value)})"


@functools.lru_cache(maxsize=1000)
def names_in(text):
    """The names that an expression is about, those of functions among them."""
    return frozenset(node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name))


def typed(text, variables, result):
    """The Python text of expression ``text`` over ``variables`` (name → (variable, type)), of type ``result``."""
    kinds = tuple([(name, kind) for name, (_, kind) in variables.items()])
    squares = "**" in text and any(words in _TWOS for words, _ in variables.values())
    if squares:  # a power's number decides what it becomes
        return _as(_Typing(variables).visit(ast.parse(text, mode="eval").body), result)
    return _template(text, kinds, result).format(**{name: words for name, (words, _) in variables.items()})


@functools.lru_cache(maxsize=1000)
def _template(text, kinds, result):
    """`typed` with the variables' names in braces: most nodes are of few kinds."""
    variables = {name: ("{" + name + "}", kind) for name, kind in kinds}
    return _as(_Typing(variables).visit(ast.parse(text, mode="eval").body), result)


def _as(part, kind):
    """The text of a part that has to have this type; numbers take it."""
    text, has = part
    if has is None:
        return literal(text, kind)
    if has == kind:
        return text
    if has == "bool" and kind in FLOATS:
        return cast(text, has, kind)
    raise NotFusable(f"{has} where {kind} is wanted")


class _Typing(ast.NodeVisitor):
    """Visits give (text, type); the type of a plain number is None, its text the number itself."""

    def __init__(self, variables):
        self.variables = variables

    def generic_visit(self, node):
        raise NotFusable(type(node).__name__)

    def visit_Name(self, node):
        return self.variables[node.id]

    def visit_Constant(self, node):
        return node.value, None

    def visit_UnaryOp(self, node):
        text, kind = self.visit(node.operand)
        if not isinstance(node.op, ast.USub):
            raise NotFusable("operator")
        return (-text, None) if kind is None else (f"(-{self.number(text, kind)})", kind)

    def visit_BinOp(self, node):
        if isinstance(node.op, ast.Pow):
            return self.call("power", [node.left, node.right])
        parts = [self.visit(node.left), self.visit(node.right)]
        if isinstance(node.op, ast.BitAnd):
            return f"logical_and({_as(parts[0], 'bool')}, {_as(parts[1], 'bool')})", "bool"
        if type(node.op) not in _OPERATORS:
            raise NotFusable("operator")
        kind = self.number_type(parts)
        left, right = (_as(part, kind) for part in parts)
        return f"({left} {_OPERATORS[type(node.op)]} {right})", kind

    def visit_Compare(self, node):
        parts = [self.visit(node.left), self.visit(node.comparators[0])]
        kind = next((k for _, k in parts if k is not None), None)
        if len(node.ops) != 1 or kind is None or type(node.ops[0]) not in _COMPARISONS:
            raise NotFusable("comparison")
        left, right = (_as(part, kind) for part in parts)
        return f"({left} {_COMPARISONS[type(node.ops[0])]} {right})", "bool"

    def visit_Call(self, node):
        return self.call(node.func.id, node.args)

    def call(self, word, arguments):
        parts = [self.visit(a) for a in arguments]
        if word == "where":
            kind = next((k for _, k in parts[1:] if k is not None), None)
            if kind is None:
                raise NotFusable("where of numbers")
            return f"where({_as(parts[0], 'bool')}, {_as(parts[1], kind)}, {_as(parts[2], kind)})", kind
        if word in _OF_BOOLS:
            return f"{word}({', '.join(_as(p, 'bool') for p in parts)})", "bool"
        kind = self.number_type(parts)
        if word == "power" and parts[1][0] in (literal(2, kind), 2):
            word, parts = "square", parts[:1]  # rounded once, as the power is
        text = f"{word}({', '.join(_as(p, kind) for p in parts)})"
        return text, "bool" if word in _TESTS else kind

    def number_type(self, parts):
        """The one floating-point type of operands; bools among them become numbers of it."""
        kinds = {k for _, k in parts if k is not None and k != "bool"}
        if len(kinds) != 1 or not kinds <= FLOATS:
            raise NotFusable(f"operands of {kinds or 'no'} type")
        return kinds.pop()

    @staticmethod
    def number(text, kind):
        if kind not in FLOATS:
            raise NotFusable(f"arithmetic of {kind}")
        return text
