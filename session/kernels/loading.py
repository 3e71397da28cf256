"""Compiled loops without Numba: a kernel's machine code as a file of its own, and the function that calls it.

Importing Numba takes a second, and finding a compiled function in its cache half as much again; a process whose kernels
are on disk needs neither.  So what Numba made of a loop is kept once more, as an object file with an entry of CPython's
fastest way of calling, which `session.native` puts into memory by llvmlite alone.
"""

import ctypes
import re
import sys

import numpy as np

from graphcore.session.kernels import compiling

_NAME = "graphcore_kernel"
_BYTES = {"float32": 4, "float64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "bool": 1}
_WRITEABLE = 0x0400  # of NumPy's flags
_ARRAY = re.compile(r"(read|write)\('(\w+)', (\d+)\)")
_SIGNATURE = re.compile(r"^@kernel\(\[(.*)\], (\d+)", re.MULTILINE)

# Words of the table that an entry is bound to; then the dtype of each array.
_CLASS, _DONE, _UNFIT, _RELEASE, _ACQUIRE, _INTEGER, _CLEAR, _DTYPES = range(8)


class Signature:
    """What the function of a kernel's source takes: arrays, and after them integers."""

    def __init__(self, text):
        arrays, integers = _SIGNATURE.search(text).groups()
        self.arrays = [(word == "read", kind, int(rank)) for word, kind, rank in _ARRAY.findall(arrays)]
        self.integers = int(integers)


def is_possible():
    """Whether machine code can be called here without Numba."""
    from graphcore.session.native import machine

    return machine.is_supported()


def path_of(kernel):
    """Where the machine code of a kernel is kept, for this processor."""
    from graphcore.session.native import machine
    from graphcore.session.native.call import _digest_of

    return compiling.place(f"{kernel.name}-{_digest_of(machine.processor().encode()).hex()[:8]}.o")


def loaded(kernel):
    """The function of a kernel whose machine code is on disk, or None."""
    from graphcore.session.native.call import _kept  # files are as those of joined steps

    code = _kept(path_of(kernel))
    return None if code is None else _callable(code, Signature(kernel.text))


def keep(kernel, function):
    """Keep what Numba compiled as ``function``; gives the function to call, by the very code that the next process will find."""
    from graphcore.session.native.call import _digest_of

    code = _object_code(function, Signature(kernel.text))
    compiling.written(path_of(kernel), _digest_of(code) + code)
    return _callable(code, Signature(kernel.text))


# ---------------------------------------------------------------- from Python


def _callable(code, signature):
    from graphcore.session.native import machine

    python = ctypes.pythonapi
    called = [ctypes.cast(function, ctypes.c_void_p).value for function in
              (python.PyEval_SaveThread, python.PyEval_RestoreThread, python.PyLong_AsSsize_t, python.PyErr_Clear)]
    dtypes = [np.dtype(kind) for _, kind, _ in signature.arrays]
    table = np.array([id(np.ndarray), id(True), id(False), *called, *map(id, dtypes)], np.uint64)
    image = machine.Loaded(code, _NAME)
    native = image.bound(table)

    def call(*arguments):
        if not native(*arguments) and not native(*tidy(arguments)):
            raise TypeError("not the arrays that this loop was compiled for")

    def tidy(arguments):
        """The arguments, with copies of arrays that only look otherwise: unaligned, or with an equal dtype that is another object."""
        tidied = list(arguments)
        for number, (array, (is_read, _, rank), dtype) in enumerate(zip(arguments, signature.arrays, dtypes)):
            if is_read and isinstance(array, np.ndarray) and array.dtype == dtype and array.ndim == rank and array.flags.c_contiguous:
                copy = tidied[number] = np.empty(array.shape, dtype)
                copy[...] = array
        return tidied

    call.image = image  # lives as long as what calls it
    return call


# ---------------------------------------------------------------- in machine code


def _object_code(function, signature):
    """The machine code of a function that Numba has just compiled, with its entry."""
    from llvmlite import binding as llvm

    from graphcore.session.native import machine

    (compiled,) = function.overloads.values()
    name = compiled.fndesc.llvm_func_name
    module = llvm.parse_assembly(compiled.library.get_llvm_str())
    foreign = [word for word in re.findall(r"call [^@\n]*@\"?([\w.]+)", str(module.get_function(name))) if not word.startswith("llvm.")]
    if foreign:  # what it calls would have to be found by every process
        raise ValueError(f"it calls {foreign[0]}")
    module.link_in(llvm.parse_assembly(_entry(name, signature, module.triple, module.data_layout)))
    for part in (*module.functions, *module.global_variables):  # nothing but the entry, and what it calls, is needed
        if not part.is_declaration and part.name != _NAME:
            part.linkage = "internal"
    target, passes = machine._target(), llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options()))
    return target.emit_object(module)


def _entry(kernel, signature, triple, layout):
    """The text of the function that Python calls: it checks the arguments and calls the kernel without the interpreter's lock."""
    lines, given, declared = [], ["ptr %result", "ptr %error"], ["ptr", "ptr"]
    for number, (is_read, kind, rank) in enumerate(signature.arrays):
        lines += _array(number, is_read, rank)
        sizes = [f"i64 %a{number}.{what}{axis}" for what in ("size", "stride") for axis in range(rank)]
        given += ["ptr null", "ptr null", f"i64 %a{number}.count", f"i64 {_BYTES[kind]}", f"ptr %a{number}.data", *sizes]
        declared += ["ptr", "ptr", "i64", "i64", "ptr", *["i64"] * len(sizes)]
    for number in range(len(signature.arrays), len(signature.arrays) + signature.integers):
        lines += [*_read("ptr", f"%t{number}", "%arguments", 8 * number), f"%i{number} = call i64 %integer(ptr %t{number})",
                  f"%i{number}.good = icmp sge i64 %i{number}, 0", f"br i1 %i{number}.good, label %next{number}, label %negative",
                  f"next{number}:"]
        given.append(f"i64 %i{number}")
        declared.append("i64")
    count = len(signature.arrays) + signature.integers
    words = [line for word, name in ((_CLASS, "class"), (_RELEASE, "release"), (_ACQUIRE, "acquire"), (_INTEGER, "integer"),
                                     (_CLEAR, "clear"), (_DONE, "done"), (_UNFIT, "unfit.object"))
             for line in _read("i64" if name == "class" else "ptr", f"%{name}", "%table", 8 * word)]
    return "\n".join([
        f'target triple = "{triple}"', f'target datalayout = "{layout}"',
        f'declare i32 @"{kernel}"({", ".join(declared)})',
        f"define ptr @{_NAME}(ptr %self, ptr %arguments, i64 %given) {{", "entry:",
        "%result = alloca ptr", "%error = alloca ptr", *_read("ptr", "%table", "%self", _layout().DATA), *words,
        f"%enough = icmp eq i64 %given, {count}", "br i1 %enough, label %begin, label %unfit", "begin:", *lines,
        "%state = call ptr %release()", f'call i32 @"{kernel}"({", ".join(given)})', "call void %acquire(ptr %state)",
        *_return("%done"), "negative:", "call void %clear()", "br label %unfit", "unfit:", *_return("%unfit.object"), "}"])


def _return(name):
    """Return an object of the table."""
    lines = [f"{name}.n = load i64, ptr {name}", f"{name}.more = add i64 {name}.n, 1", f"store i64 {name}.more, ptr {name}"]
    return [*(lines if sys.version_info < (3, 12) else ()), f"ret ptr {name}"]  # from then on True and False are not counted


def _layout():
    from graphcore.session.native import layout

    return layout


def _read(kind, name, address, offset):
    """``name`` = what is in memory ``offset`` bytes after ``address``."""
    return [f"{name}.at = getelementptr i8, ptr {address}, i64 {offset}", f"{name} = load {kind}, ptr {name}.at"]


def _array(number, is_read, rank):
    """Lines that leave unless an argument is an array as it has to be, and then find its memory, sizes and strides."""
    layout, a = _layout(), f"%a{number}"
    flags = layout.CONTIGUOUS | layout.ALIGNED | (0 if is_read else _WRITEABLE)
    lines = [*_read("ptr", a, "%arguments", 8 * number), *_read("i64", f"{a}.class", a, layout.CLASS),
             f"{a}.is = icmp eq i64 {a}.class, %class", f"br i1 {a}.is, label %a{number}.array, label %unfit", f"a{number}.array:",
             *_read("i64", f"{a}.dtype", a, layout.DTYPE), *_read("i64", f"{a}.wanted", "%table", 8 * (_DTYPES + number)),
             *_read("i32", f"{a}.rank", a, layout.RANK), *_read("i32", f"{a}.flags", a, layout.FLAGS),
             f"{a}.0 = icmp eq i64 {a}.dtype, {a}.wanted", f"{a}.1 = icmp eq i32 {a}.rank, {rank}",
             f"{a}.have = and i32 {a}.flags, {flags}", f"{a}.2 = icmp eq i32 {a}.have, {flags}",
             f"{a}.3 = and i1 {a}.0, {a}.1", f"{a}.4 = and i1 {a}.3, {a}.2", f"br i1 {a}.4, label %a{number}.fits, label %unfit",
             f"a{number}.fits:", *_read("ptr", f"{a}.data", a, layout.DATA), *_read("ptr", f"{a}.sizes", a, layout.SIZES),
             *_read("ptr", f"{a}.strides", a, layout.SIZES + 8)]
    for axis in range(rank):
        lines += [*_read("i64", f"{a}.size{axis}", f"{a}.sizes", 8 * axis), *_read("i64", f"{a}.stride{axis}", f"{a}.strides", 8 * axis)]
    total = "1"
    for axis in range(rank):
        name = f"{a}.count" if axis == rank - 1 else f"{a}.count{axis}"
        lines.append(f"{name} = mul i64 {total}, {a}.size{axis}")
        total = name
    return lines if rank else [*lines, f"{a}.count = add i64 0, 1"]
