"""Typed expressions of elements (see `session.kernels.forms`) as instructions."""

import ast

from llvmlite import ir

from graphcore.session.kernels.vector_formulas import FORMULAS
from graphcore.session.kernels.vector_values import Value
from graphcore.session.native.numbers import CASTS, NUMBERS


def evaluated(code, expression, known):
    """The value of a typed expression."""
    return _Evaluation(code, known).visit(ast.parse(expression, mode="eval").body)


_ARITHMETIC = {ast.Add: Value.__add__, ast.Sub: Value.__sub__, ast.Mult: Value.__mul__, ast.Div: Value.__truediv__}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class _Evaluation(ast.NodeVisitor):
    """Writes the instructions of a typed expression (see `forms`)."""

    def __init__(self, code, known):
        self.code, self.known = code, known

    def visit_Name(self, node):
        return self.known[node.id]

    def visit_Constant(self, node):
        return self.code.number("bool", int(node.value))

    def visit_UnaryOp(self, node):
        return -self.visit(node.operand)

    def visit_BinOp(self, node):
        return _ARITHMETIC[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node):
        left, right = self.visit(node.left), self.visit(node.comparators[0])
        operator, builder = _COMPARISONS[type(node.ops[0])], self.code.builder
        if isinstance(left.type, ir.IntType):
            compare = builder.icmp_unsigned if left.type.width == 1 else builder.icmp_signed
        else:
            compare = builder.fcmp_unordered if operator == "!=" else builder.fcmp_ordered
        return Value(builder, compare(operator, left.llvm, right.llvm))

    def visit_Call(self, node):
        word = node.func.id
        if word in CASTS:
            return self.cast(node.args[0], CASTS[word])
        return FORMULAS[word](*[self.visit(argument) for argument in node.args])

    def cast(self, argument, kind):
        """A number of this type: a literal, or a value converted (see `forms.cast`)."""
        try:
            return self.code.number(kind, ast.literal_eval(argument))
        except ValueError:
            value, builder, wanted = self.visit(argument), self.code.builder, NUMBERS[kind]
        if isinstance(value.type, ir.IntType):
            return Value(builder, builder.sitofp(value.llvm, wanted))
        convert = builder.fpext if kind == "float64" else builder.fptrunc
        return value if value.type == wanted else Value(builder, convert(value.llvm, wanted))
