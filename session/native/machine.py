"""LLVM: the text of a module → machine code → a function that Python calls.

A function is written for CPython's fastest way of calling (METH_FASTCALL) and takes NumPy arrays: what it reads of
their layout is checked against NumPy when this module is first used, and nothing is compiled where it differs.
"""

import ctypes
import functools
import sys

import numpy as np
from llvmlite import binding as llvm

from graphcore.session.native import layout

_FASTCALL = 0x0080
_lock_free = getattr(sys, "_is_gil_enabled", None)


@functools.cache
def is_supported():
    """Whether this Python and this NumPy lay objects out as the code expects, and runs hold the interpreter's lock."""
    if sys.implementation.name != "cpython" or _lock_free is not None and not _lock_free():
        return False
    for array in (np.zeros((2, 3), np.float32), np.zeros((), np.float64), np.zeros((4, 5), np.int32)[:, 1:]):
        address = id(array)
        found = (_word(address + layout.DATA), _word(address + layout.RANK) & 0xFFFFFFFF, _word(address + layout.DTYPE),
                 bool(_word(address + layout.FLAGS) & layout.CONTIGUOUS), _word(address + layout.CLASS))
        wanted = (array.__array_interface__["data"][0], array.ndim, id(array.dtype), array.flags.c_contiguous, id(np.ndarray))
        sizes = _word(address + layout.SIZES)
        if found != wanted or any(_word(sizes + 8 * axis) != size for axis, size in enumerate(array.shape)):
            return False
    return True


def _word(address):
    return ctypes.c_uint64.from_address(address).value


def _target():
    """A new target machine for this processor."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=2, reloc="default", codemodel="jitdefault", jit=True)


def processor():
    """The processor that code is made for, as text."""
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def assembled(text):
    """The machine code (an object file's bytes) of a module's text, optimised for this processor."""
    machine = _target()
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


class Loaded:
    """Machine code in memory: its function ``name``."""

    def __init__(self, code, name):
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
        self._object = llvm.ObjectFileRef.from_data(code)
        self._engine.add_object_file(self._object)
        self._engine.finalize_object()
        self._definition = _Method(name.encode(), self._engine.get_function_address(name), _FASTCALL, None)

    def bound(self, table):
        """A function of arrays, which checks them by the words in ``table``.  It lives no longer than this object."""
        return _new_function(ctypes.byref(self._definition), table, None)


class _Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


_new_function = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
