"""The step of an optimizer as one loop over a variable and its slots, in place: what `ops.training` declares by its rule.

As with fused groups, NumPy calls come first and the compiled loop once the rule has proven hot.  One kernel serves
variables of all shapes.
"""

import time

import numpy as np

from graphcore.session.kernels import forms
from graphcore.session.kernels.compiling import kernel_of
from graphcore.session.kernels.fused import PARALLEL
from graphcore.session.kernels.loops import Loop, Operand, Result

_SMALL = 1 << 14  # elements up to which a few NumPy calls are as quick as getting ready for a loop
_FLOATS = {np.dtype(name) for name in forms.FLOATS}


class UpdateCall:
    """The kernel of an op that moves whole variables by ``rule``: a function of their cells and the other inputs.

    ``rule.loop(**options)`` gives (name → expression of numbers, [(name, expression of elements)]): the last
    expression under the name of a variable or a slot is what that becomes.
    """

    def __init__(self, rule, cells, inputs, options, plain, threads, jit):
        self.rule, self.cells, self.inputs, self.options = rule, cells, inputs, options
        self.plain, self.threads, self.jit = plain, threads, jit
        self.gradient = next(i for i, name in enumerate(inputs) if name in ("grad", "delta"))
        self.numbers, self.statements = rule.loop(**options)
        self.kernels = {}
        self.functions = {}  # dtype → the compiled function, or None while there is none

    def __call__(self, *arguments):
        count = len(self.cells)
        gradient = arguments[count + self.gradient]
        if gradient.size < _SMALL and self.jit() != "eager":
            return self.plain(*arguments)
        function = self.functions.get(gradient.dtype)
        if function is None:
            return self.first(arguments, gradient.dtype)
        held = arguments[:count]
        with held[0].lock:
            if not self.fits(held, arguments[count:], gradient):
                return self.plain(*arguments)  # which complains, if there is reason to
            numbers = self.evaluated(arguments[count:])
            given = (gradient.reshape(-1), *numbers, *[cell.own().reshape(-1) for cell in held], gradient.size)
            if self.threads is not None and gradient.size >= PARALLEL:
                self.threads.share(function, given, gradient.size)
            else:
                function(*given, 0, gradient.size)

    def first(self, arguments, dtype):
        """NumPy calls, timed; they ask for the loop when enough time went into them."""
        mode = self.jit()
        if mode == "off" or dtype not in _FLOATS:
            return self.plain(*arguments)
        if mode == "eager":
            function = self.functions[dtype] = kernel_of(self.loop(dtype.name)).compiled()
            return self.plain(*arguments) if function is None else self(*arguments)
        started = time.perf_counter()
        self.plain(*arguments)
        kernel = self.kernels.get(dtype)
        if kernel is None:
            kernel = self.kernels[dtype] = kernel_of(self.loop(dtype.name))
        kernel.spent += time.perf_counter() - started
        if kernel.spent > kernel.worth and dtype not in self.functions:
            self.functions[dtype] = None
            kernel.when_ready(lambda function: self.functions.update({dtype: function}))
        return None

    def fits(self, held, given, gradient):
        """Whether all arrays are what the loop takes: contiguous, of one shape; the rest numbers."""
        for cell in held:
            value = cell.value
            if value is None or value.shape != gradient.shape or value.dtype != gradient.dtype or not value.flags.c_contiguous:
                return False
        return gradient.flags.c_contiguous and all(value.shape == () for i, value in enumerate(given) if i != self.gradient)

    def evaluated(self, given):
        """The numbers that the loop takes, as arrays of no dimensions."""
        names = {name: value[()] for i, (name, value) in enumerate(zip(self.inputs, given)) if i != self.gradient}
        names["sqrt"] = np.sqrt
        return [np.asarray(evaluate(names)) for evaluate in self.evaluations]

    @property
    def evaluations(self):
        found = self.__dict__.get("_evaluations")
        if found is None:
            found = self._evaluations = [eval(f"lambda names: {_over(text)}") for text in self.numbers.values()]
        return found

    def loop(self, dtype):
        """The nest of loops: one, over the elements."""
        arrays = [*self.cells, self.inputs[self.gradient]]
        variables = {name: (f"x{i}", dtype) for i, name in enumerate([*arrays, *self.numbers])}
        # What a variable becomes is written over what it was.
        operands = [Operand(dtype, (True,), 1, i if i < len(self.cells) else None) for i in range(len(arrays))]
        operands += [Operand(dtype, (False,), 0)] * len(self.numbers)
        lines = []
        for number, (name, text) in enumerate(self.statements):
            lines.append(f"t{number} = {forms.typed(text, variables, dtype)}")
            variables[name] = f"t{number}", dtype
        results = [Result(variables[name][0], dtype, (True,), 1, False) for name in self.cells]
        return Loop(1, tuple(operands), tuple(lines), tuple(results))


def _over(text):
    """``text`` with each name looked up in ``names``."""
    import ast

    class Look(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Subscript(ast.Name("names", ast.Load()), ast.Constant(node.id), ast.Load())

    return ast.unparse(ast.fix_missing_locations(Look().visit(ast.parse(text, mode="eval").body)))
