"""Gradients: the reverse walk over a graph, and its numeric check."""
