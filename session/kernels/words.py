"""What the source of a fused loop is written in: memory, types, and the functions of `vector_math`.

Imports Numba: only compiled kernels import this module.
"""

import numba
import numpy as np
from llvmlite import binding as llvm
from numba import types
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

from graphcore.session.kernels.vector_math import FUNCTIONS

inf = np.inf
f4, f8, i1, i2, i4, i8, u1, b1 = np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.bool_
globals().update(FUNCTIONS)

_TYPES = {"float32": types.float32, "float64": types.float64, "int8": types.int8, "int16": types.int16, "int32": types.int32,
          "int64": types.int64, "uint8": types.uint8, "bool": types.boolean}


def read(kind, ndim):
    """The type of an array that the kernel reads: contiguous, perhaps not to be written."""
    return types.Array(_TYPES[kind], ndim, "C", readonly=True)


def write(kind, ndim):
    """The type of an array that the kernel writes: contiguous."""
    return types.Array(_TYPES[kind], ndim, "C")


def kernel(arrays, integers, side_by_side=0):
    """Decorator: compile for these array types and then so many integers; other threads run meanwhile.

    ``side_by_side`` is how many vectors of elements a loop works on at once, 0 for as many as LLVM thinks good.
    """
    compiled = numba.njit(types.void(*arrays, *[types.int64] * integers), nogil=True, error_model="numpy", cache=True)

    def decorate(function):
        with global_compiler_lock:  # the option is LLVM's own, for all that is compiled in the process
            llvm.set_option("graphcore", f"-force-vector-interleave={side_by_side}")
            try:
                return compiled(function)
            finally:
                llvm.set_option("graphcore", "-force-vector-interleave=0")

    return decorate


# ---------------------------------------------------------------- memory

MOST_RESULTS = 64


def _scopes(module):
    """LLVM's scopes of memory: one for all that is read, one for each result.  No two of them share an element.

    Without them a loop over many arrays does not become vector instructions, as any two might overlap.
    """
    domain = module.add_metadata(["graphcore"])
    return [module.add_metadata([name, domain]) for name in ["operands", *(f"result {k}" for k in range(MOST_RESULTS))]]


def _place(instruction, module, scope):
    scopes = _scopes(module)
    instruction.set_metadata("alias.scope", module.add_metadata([scopes[scope]]))
    instruction.set_metadata("noalias", module.add_metadata([s for k, s in enumerate(scopes) if k != scope]))


def _pointer(context, builder, array_type, array, index):
    set.add(builder.function.attributes, '"prefer-vector-width"="512"')
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index], inbounds=True)


def _loader(scope):
    def load(typingctx, array, index):
        def generate(context, builder, signature, arguments):
            raw = builder.load(_pointer(context, builder, signature.args[0], *arguments))
            _place(raw, builder.module, scope)
            return context.data_model_manager[signature.args[0].dtype].from_data(builder, raw)

        return array.dtype(array, types.int64), generate

    return intrinsic(load)


def _storer(scope):
    def store(typingctx, array, index, value):
        def generate(context, builder, signature, arguments):
            array, index, value = arguments
            raw = context.data_model_manager[signature.args[0].dtype].as_data(builder, value)
            _place(builder.store(raw, _pointer(context, builder, signature.args[0], array, index)), builder.module, scope)
            return context.get_dummy_value()

        return types.void(array, types.int64, array.dtype), generate

    return intrinsic(store)


load = _loader(0)  # of an operand: the element at this place in memory, of an array of any rank
for _number in range(MOST_RESULTS):  # of a result
    globals()[f"load_{_number}"] = _loader(_number + 1)
    globals()[f"store_{_number}"] = _storer(_number + 1)


__all__ = ["kernel", "read", "write", "load", "inf", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "b1",
           *[f"{word}_{number}" for word in ("load", "store") for number in range(MOST_RESULTS)], *FUNCTIONS]
