"""Array code too long for an op declaration: plain functions of NumPy arrays."""
