"""float32 functions rounded once: computed in double, so that the last digit is right.

TF's and NumPy's own float32 versions are each off by a last digit here and there, at different places;
printed probabilities, losses and learning rates of well-known programs show such digits.
"""

import numpy as np


def once_rounded(ufunc):
    """``ufunc`` for arrays of any float dtype; float32 and smaller go through double."""

    def function(*arrays):
        dtype = arrays[0].dtype
        if dtype.kind == "c" or dtype.itemsize >= 8 or dtype.kind in "iu":
            return ufunc(*arrays)
        return ufunc(*[a.astype(np.float64) for a in arrays]).astype(dtype)

    return function


exp = once_rounded(np.exp)
log = once_rounded(np.log)
power = once_rounded(np.power)
