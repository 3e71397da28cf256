"""Second derivatives: the gradient of each component of a gradient."""

from graphcore.autodiff import gradients
from graphcore.ops import arrays, joining


def hessian_of(gradient, x, options):
    """The derivatives of ``gradient`` (shape of ``x``) with respect to ``x``: shape ``x.shape + x.shape``."""
    flat = arrays.reshape(gradient, [-1])
    size = flat.shape.num_elements()
    if size is None:
        raise NotImplementedError(f"hessians: the shape of {x} is {x.shape}, the number of its elements has to be known when "
                                  "the graph is built (loops over a number known only at run time are not built yet)")
    rows = [gradients.gradients(flat[i], x, **options)[0] for i in range(size)]
    shape = arrays.shape(x)
    return arrays.reshape(joining.stack(rows), joining.concat([shape, shape], 0))
