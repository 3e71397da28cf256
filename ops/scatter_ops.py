"""The ops that change some rows of a variable: ``ref[indices] op= updates``."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dtypes import ALL, FLOATS, NUMBERS, NUMERIC, REAL
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, merge
from graphcore.ops.kernels import rows

_INDEX = {dtypes.int32, dtypes.int64}


def _brackets(sizes):
    return f"[{','.join(map(str, sizes))}]"


def held_by(resource):
    """The content of a resource variable that an op is about to change; NotFoundError if it has none."""
    if not resource.initialized:
        raise errors.NotFoundError(None, None, f"Container localhost does not exist. (Could not find resource: "
                                   f"localhost/{resource.name}) The variable is uninitialized: run its initializer first.")
    return resource.value


def scatter(cell, indices, updates, function):
    """Have ``function(array, indices, updates)`` change rows of the variable: in place where nobody else holds the array."""
    sizes = cell.value.shape
    indices, updates = np.asarray(indices), np.asarray(updates)
    rows.check(indices, sizes[0])
    wanted = indices.shape + sizes[1:]
    if updates.ndim and updates.shape != wanted:
        raise errors.InvalidArgumentError(
            None, None, "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
            f"{_brackets(updates.shape)}, indices.shape {_brackets(indices.shape)}, params.shape {_brackets(sizes)}")
    function(cell.own(), indices, updates if updates.ndim else np.broadcast_to(updates, wanted))


def scatter_nd(cell, indices, updates, function):
    """Change the variable where the last axis of ``indices`` points."""
    if not indices.ndim:
        raise errors.InvalidArgumentError(None, None, "Indices shape must have rank at least one. Found: []")
    depth, sizes = indices.shape[-1], cell.value.shape
    if depth > len(sizes):
        raise errors.InvalidArgumentError(None, None, f"The last axis of indices has {depth} entries, more than the variable of shape "
                                          f"{_brackets(sizes)} has axes")
    outer, inner = indices.shape[:-1], sizes[depth:]
    if np.shape(updates)[:len(outer)] != outer:
        raise errors.InvalidArgumentError(None, None, "The outermost dimension of updates and indices must match. Got indices.shape "
                                          f"{_brackets(indices.shape)}, updates.shape {_brackets(np.shape(updates))}")
    if np.shape(updates) != outer + inner:
        raise errors.InvalidArgumentError(
            None, None, "Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got updates.shape: "
            f"{_brackets(np.shape(updates))}, indices.shape: {_brackets(indices.shape)}, params_shape: {_brackets(sizes)}")
    places = indices.reshape(-1, depth)
    limits = np.array(sizes[:depth], indices.dtype)
    bad = ((places < 0) | (places >= limits)).any(axis=1)
    if bad.any():
        first = int(np.argmax(bad))
        place = _brackets(np.unravel_index(first, outer)) if outer else ""
        raise errors.InvalidArgumentError(None, None, f"indices{place} = {_brackets(places[first])} does not index into shape "
                                          f"{_brackets(sizes)}")
    flat = cell.own().reshape((-1,) + inner)  # a view: what a variable owns is contiguous
    numbers = np.ravel_multi_index(tuple(places.T), sizes[:depth]) if depth else np.zeros(len(places), np.int64)
    function(flat, numbers, np.reshape(updates, (len(places),) + inner))


def _set(array, indices, updates):
    flat = indices.ravel()
    array[flat] = updates.reshape(flat.shape + array.shape[1:])


def _at(ufunc):
    return lambda array, indices, updates: ufunc.at(array, indices, updates)


def _divide(array, indices, updates):
    if array.dtype.kind not in "iu":
        np.true_divide.at(array, indices, updates)
        return
    if not updates.all():
        raise errors.InvalidArgumentError(None, None, "Integer division by zero")
    for index, update in zip(indices.ravel(), updates.reshape((-1,) + array.shape[1:])):
        quotient = np.abs(array[index]) // np.abs(update)  # C's division rounds towards zero
        array[index] = np.where((array[index] < 0) != (update < 0), -quotient, quotient)


def _rows_shape(node):
    expected = node.indices.shape.concatenate(node.ref.shape[1:]).sizes
    if node.updates.shape.ndims != 0:
        merge(node.updates.shape.sizes, expected)
    return node.ref.shape


def _points_shape(node):
    indices, updates = node.indices.shape.sizes, node.updates.shape.sizes
    if indices and updates is not None:
        outer = len(indices) - 1
        try:
            merge(indices[:outer], updates[:outer])
        except ShapeMismatch as error:
            given = f"indices.shape={node.indices.shape}".replace("(", "[").replace(",)", "]").replace(")", "]").replace(" ", "")
            to_match = f"updates.shape={node.updates.shape}".replace("(", "[").replace(",)", "]").replace(")", "]").replace(" ", "")
            raise ShapeMismatch(f"The outer {outer} dimensions of {given} must match the outer {outer} dimensions of "
                                f"{to_match}: {error}") from None
    return node.ref.shape


_ORDERED = FLOATS | _INDEX
_FUNCTIONS = {"Update": _set, "Add": rows.add_rows, "Sub": rows.subtract_rows, "Mul": _at(np.multiply), "Div": _divide,
              "Min": _at(np.minimum), "Max": _at(np.maximum)}


# What an element becomes, where that is an expression.
_BECOME = {"Update": "updates", "Add": "ref + updates", "Sub": "ref - updates", "Mul": "ref * updates"}

# What [1, 2, 3] holds when [4, 5] has gone to the places 0 and 2.
_AFTER = {"Update": [4.0, 2.0, 5.0], "Add": [5.0, 2.0, 8.0], "Sub": [-3.0, 2.0, -2.0], "Mul": [4.0, 2.0, 15.0], "Div": [0.25, 2.0, 0.6],
          "Min": [1.0, 2.0, 3.0], "Max": [4.0, 2.0, 5.0]}


def _example(word, points, variable):
    """The example of an op whose variable is called ``variable``."""
    indices = np.array([[0], [2]] if points else [0, 2], np.int32)
    return {variable: [1.0, 2.0, 3.0], "indices": indices, "updates": [4.0, 5.0], "after": {variable: _AFTER[word]}}


def _types(word, allowed=NUMBERS):
    """The dtypes of an op: rows can be replaced in all, changed in those that have arithmetic or an order."""
    if word == "Update":
        return TypeAttr(ALL)
    return TypeAttr(allowed, without_kernel=allowed - (REAL if word in ("Min", "Max") else NUMERIC | {dtypes.bool}))


def _declare(word, points):
    """The op ``ScatterAdd`` (or ``ScatterNdAdd`` if ``points``) of a reference variable."""
    T, Tindices = _types(word, _ORDERED if word in ("Min", "Max") else NUMBERS), TypeAttr(_INDEX)
    change, function = scatter_nd if points else scatter, _FUNCTIONS[word]

    def kernel(ref, indices, updates):
        with ref.lock:
            ref.read()
            change(ref, indices, updates, function)

    name = ("ScatterNd" if points else "Scatter") + word
    body = dict(T=T, Tindices=Tindices, use_locking=Attr(bool, default=word == "Update"), ref=Input(T, ref=True),
                indices=Input(Tindices), updates=Input(T), output_ref=Output(T, ref=True), kernel=kernel,
                rows_become=None if points else _BECOME.get(word), infer=_points_shape if points else _rows_shape,
                example=_example(word, points, "ref"), __module__=__name__,
                __doc__=f"{name}: ``updates`` go to the places ``indices`` of the variable; repeated places are all applied.")
    # TF says of some that there is no gradient, and forgets the others.
    return type(name, (Op,), body, stateful=True, differentiable=False, refuses=not points and word in ("Update", "Min", "Max"))


def _declare_resource(word, points):
    """The same of a resource variable."""
    T, Tindices = _types(word, ALL if points else NUMBERS), TypeAttr(_INDEX)
    change, function = scatter_nd if points else scatter, _FUNCTIONS[word]

    def kernel(resource, indices, updates):
        with resource.lock:
            held_by(resource)
            change(resource, indices, updates, function)

    def kernel_nd(ref, indices, updates):
        kernel(ref, indices, updates)

    name = ("ResourceScatterNd" if points else "ResourceScatter") + word
    handle = Input(dtypes.resource)
    if points:
        body = dict(T=T, Tindices=Tindices, use_locking=Attr(bool, default=True), ref=handle, kernel=kernel_nd)
    else:
        body = dict(dtype=T, Tindices=Tindices, resource=handle, kernel=kernel)
    body.update(indices=Input(Tindices), updates=Input(T), example=_example(word, points, "ref" if points else "resource"),
                __module__=__name__,
                __doc__=f"{name}: ``updates`` go to the places ``indices`` of the resource variable.")
    return type(name, (Op,), body, stateful=True, refuses=True)


SCATTER_OPS = {f"Scatter{word}": _declare(word, False) for word in _FUNCTIONS}
SCATTER_OPS.update({f"ScatterNd{word}": _declare(word, True) for word in ("Update", "Add", "Sub")})
RESOURCE_SCATTER_OPS = {f"Scatter{word}": _declare_resource(word, False) for word in _FUNCTIONS}
RESOURCE_SCATTER_OPS.update({f"ScatterNd{word}": _declare_resource(word, True) for word in ("Update", "Add", "Sub")})

__all__ = []
