"""The types of numbers and words in a step's code: as LLVM's, and how many bytes they are."""

from llvmlite import ir

BYTE, WORD, INT = ir.IntType(8), ir.IntType(64), ir.IntType(32)
ADDRESS = BYTE.as_pointer()
NUMBERS = {"float32": ir.FloatType(), "float64": ir.DoubleType(), "int8": BYTE, "int16": ir.IntType(16), "int32": INT,
           "int64": WORD, "bool": ir.IntType(1)}  # as values; a bool in memory is a byte
CASTS = {"f4": "float32", "f8": "float64", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64"}
VECTOR = 64  # bytes that loops and products work on at a time, where the processor can: else it takes several instructions
