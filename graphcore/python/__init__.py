"""Public paths that TF programs import from ``tensorflow.python``."""
