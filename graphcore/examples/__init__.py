"""Public paths that programs of TF 1.x import their tutorial helpers from."""
