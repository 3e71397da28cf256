"""Every op, declared once: signature, shape rule, kernel, scalar form, gradient, example."""
