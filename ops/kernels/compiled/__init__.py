"""The compiled forms of kernels; every module here imports Numba, and is imported for compiling alone."""
