"""No warnings of overflow, division by zero and the like, which TF does not give: `np.errstate(all="ignore")`, for less.

    token = hush()
    try:
        ...
    finally:
        unhush(token)
"""

import numpy as np

try:  # what np.errstate sets and restores, at a fifth of its cost
    from numpy._core._ufunc_config import _extobj_contextvar, _make_extobj

    _IGNORE = _make_extobj(all="ignore")

    def hush():
        """Ignore floating-point errors in this thread until `unhush`, which takes what this gives."""
        return _extobj_contextvar.set(_IGNORE)

    unhush = _extobj_contextvar.reset
    _token = hush()
    if set(np.geterr().values()) != {"ignore"}:
        raise ImportError
    unhush(_token)
except (ImportError, TypeError):  # another NumPy

    def hush():
        """Ignore floating-point errors in this thread until `unhush`, which takes what this gives."""
        state = np.errstate(all="ignore")
        state.__enter__()
        return state

    def unhush(state):
        """Back to what it was before `hush`."""
        state.__exit__(None, None, None)
