"""Where NumPy keeps what in an array object (its C interface since version 1.7), in bytes from the object's address."""

CLASS = object.__basicsize__ - 8  # every object's last word: its class
DATA = object.__basicsize__
RANK = DATA + 8
SIZES = DATA + 16
DTYPE = DATA + 40
FLAGS = DATA + 48
CONTIGUOUS = 0x0001  # row by row
ALIGNED = 0x0100
