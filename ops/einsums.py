"""``tf.einsum``: sums of products over named axes, as matrix products and reductions."""

import logging
import math
import re
import string

from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor
from graphcore.core.scopes import name_scope
from graphcore.ops import arithmetic, arrays, linalg, reductions, transposing


def einsum(equation, *inputs, **kwargs):
    """The sum of products that ``equation`` describes: a letter for each axis, summed where the result lacks it.

    Args:
      equation: for example "ij,jk->ik" for a matrix product, "ij->ji" for a transpose, "bi,bi->b" for a dot product of
        each row, "i,j->ij" for an outer product. Without "->" the result has, in alphabetical order, the letters that
        occur once. "..." stands for any axes: "...ij,...jk->...ik".
      inputs: one tensor of known rank for each term.
      name: a name for the scope of the nodes.

    A letter may stand twice in one term only for the trace, "ii".

    Raises:
      ValueError: the equation is malformed, or does not fit the inputs.

    >>> import graphcore as tf
    >>> a, b = tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0], [5.0, 6.0]])
    >>> with tf.Session() as session:
    ...     session.run(tf.einsum("ij,kj->ki", a, b))
    array([[11.],
           [17.]], dtype=float32)
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"invalid keyword arguments for this function: {', '.join(sorted(kwargs))}")
    with name_scope(name, "einsum", [equation, inputs]):
        inputs = [x if hasattr(x, "get_shape") else to_tensor(x) for x in inputs]
        terms, result = resolved(equation, [x.get_shape() for x in inputs])
        if _is_trace(equation, terms):
            return linalg.trace(inputs[0])
        _check_distinct(terms)
        shared = _summed_over_many(terms, result)
        if shared:
            logging.getLogger("graphcore").warning(
                'Falling back to exponential-space implementation of einsum() because index "%s" is summed over more than two '
                "inputs.", shared)
            return _all_at_once(inputs, terms, result)
        return _finished(equation, *_in_pairs(inputs, terms, result), result)


def _is_trace(equation, terms):
    term = terms[0]
    return len(terms) == 1 and "->" not in equation and term == term[::-1] and any(term.count(axis) == 2 for axis in term)


def _check_distinct(terms):
    for term in terms:
        if len(set(term)) != len(term):
            raise ValueError(f"Subscript not supported: an axis appears more than once: {term}")


def _summed_over_many(terms, result):
    """A letter that is summed and stands in more than two terms, if there is one."""
    letters = sorted(set("".join(terms)) - set(result))
    return next((axis for axis in letters if sum(axis in term for term in terms) > 2), None)


def _in_pairs(inputs, terms, result):
    """The product of all inputs, the first two first; (tensor, its letters)."""
    product, letters = inputs[0], terms[0]
    for x, term in zip(inputs[1:], terms[1:]):
        product, letters = _pair(product, letters, x, term, (set(letters) & set(term)) - set(result))
    return product, letters


def _finished(equation, product, letters, result):
    """``product`` with the axes that the result lacks summed, the others in its order."""
    gone = [i for i, axis in enumerate(letters) if axis not in result]
    if gone:
        product = reductions.reduce_sum(product, axis=gone)
        letters = "".join(axis for axis in letters if axis in result)
    if sorted(letters) != sorted(result):
        raise ValueError(f"Invalid equation: {equation}: the result has axes that no input has, or one of them twice")
    return _transposed(product, letters, result)


# ---------------------------------------------------------------- the equation


def resolved(equation, shapes):
    """(the letters of each term, those of the result): an equation without blanks, "..." and implied results."""
    equation = equation.replace(" ", "")
    match = re.match("^([a-zA-Z,.]+)(->[a-zA-Z.]*)?$", equation)
    if not match:
        raise ValueError(f"Indices have incorrect format: {equation}")
    terms = match.group(1).split(",")
    if len(shapes) != len(terms):
        raise ValueError(f'Got {len(shapes)} arguments for equation "{equation}", expecting {len(terms)}')
    result = match.group(2)[2:] if match.group(2) else None
    more = ""
    if "..." in equation:
        terms, more = _without_dots(terms, shapes)
        result = None if result is None else result.replace("...", more)
        if "." in "".join(terms) + (result or ""):
            raise ValueError('period "." found outside of ellipsis')
    if result is None:
        every = "".join(terms)
        result = more + "".join(axis for axis in sorted(set(every) - set(more)) if every.count(axis) == 1)
    return terms, result


def _without_dots(terms, shapes):
    """(terms with letters for the axes that "..." stands for, the longest run of these)."""
    unused = "".join(letter for letter in string.ascii_letters if letter not in "".join(terms))
    found, longest = [], ""
    for term, shape in zip(terms, shapes):
        if "..." in term:
            more = _letters_for_dots(term.split("..."), shape, unused)
            term = term.replace("...", more)
            longest = max(longest, more, key=len)
        found.append(term)
    return found, longest


def _letters_for_dots(parts, shape, unused):
    if len(parts) != 2:
        raise ValueError("Unable to resolve ellipsis. Excess number found.")
    if shape.ndims is None:
        raise ValueError("Unable to statically infer ellipsis axes.")
    count = shape.ndims - len("".join(parts))
    if count < 0:
        raise ValueError("Ellipses lengths do not match.")
    if len(unused) < count:
        raise ValueError("Unable to resolve ellipsis, too many distinct labels.")
    return unused[-count:] if count else ""


# ---------------------------------------------------------------- two tensors


def _pair(x, of_x, y, of_y, summed):
    """The product of two tensors, summed over the axes ``summed`` that both have; (tensor, its letters).

    The axes are put into the order kept by both, of ``x`` alone, summed, of ``y`` alone: then it is a product of matrices.
    """
    for word, tensor, letters in (("t0", x, of_x), ("t1", y, of_y)):
        if len(letters) != len(tensor.get_shape()):
            raise ValueError(f"Tensor {word} of rank {len(tensor.get_shape())} does not match einsum reduction of length {len(letters)}")
    kept = sorted((set(of_x) & set(of_y)) - summed)
    only_x, only_y = sorted(set(of_x) - set(of_y)), sorted(set(of_y) - set(of_x))
    summed = sorted(summed)
    x = _transposed(x, of_x, kept + only_x + summed)
    y = _transposed(y, of_y, kept + summed + only_y)
    product = _matrix_product if summed else _outer_product
    return product(x, y, len(kept), len(only_x), len(summed), len(only_y)), "".join(kept + only_x + only_y)


def _outer_product(x, y, kept, only_x, _, only_y):
    for _ in range(only_y):
        x = arrays.expand_dims(x, -1)
    for _ in range(only_x):
        y = arrays.expand_dims(y, kept)
    return arithmetic.multiply(x, y)


def _matrix_product(x, y, kept, only_x, summed, only_y):
    sizes_x = _sizes(x)
    rows, inner = _total(sizes_x[kept:-summed]), _total(sizes_x[-summed:])
    x = _reshaped(x, sizes_x[:kept] + [rows, inner])
    sizes_y = _sizes(y)
    columns = _total(sizes_y[kept + summed:])
    y = _reshaped(y, sizes_y[:kept] + [inner, columns])
    return _reshaped(linalg.matmul(x, y), sizes_x[:kept + only_x] + sizes_y[len(sizes_y) - only_y:])


def _transposed(x, letters, wanted):
    order = [letters.index(axis) for axis in wanted]
    return x if order == list(range(len(order))) else transposing.transpose(x, perm=order)


def _sizes(x):
    """The shape as a list, with tensors where it is not known statically."""
    sizes = x.get_shape().as_list()
    if None in sizes:
        dynamic = arrays.shape(x)
        sizes = [dynamic[i] if size is None else size for i, size in enumerate(sizes)]
    return sizes


def _total(sizes):
    return math.prod(sizes)  # of numbers and tensors: starts with the number 1, as TF's does


def _reshaped(x, sizes):
    """``x`` in another shape, if it does not have that already."""
    now = x.get_shape().as_list()
    same = len(now) == len(sizes) and all(not isinstance(size, Tensor) and size == old for old, size in zip(now, sizes))
    return x if same else arrays.reshape(x, sizes)


# ---------------------------------------------------------------- all at once


def _all_at_once(inputs, terms, result):
    """The product of all inputs broadcast to all axes, then summed: needs memory for the product of all sizes."""
    order = sorted(set("".join(terms)) - set(result)) + list(result)
    for number, (x, term) in enumerate(zip(inputs, terms)):
        if x.get_shape().ndims != len(term):
            raise ValueError(f"Input {number} with axes {term} has incorrect number of dimensions (expected {len(term)}, got "
                             f"{x.get_shape().ndims})")
        inputs[number] = _transposed(x, term, sorted(term, key=order.index))
    sizes = [dict(zip(sorted(term, key=order.index), x.get_shape().as_list())) for x, term in zip(inputs, terms)]
    for axis in order:
        if len({known[axis] for known in sizes if (known.get(axis) or 1) > 1}) > 1:
            raise ValueError(f"Dimension mismatch on axis: {axis}")
    product = 1
    for x in [arrays.reshape(x, [known.get(axis, 1) or -1 for axis in order]) for x, known in zip(inputs, sizes)]:
        product *= x
    return reductions.reduce_sum(product, [i for i, axis in enumerate(order) if axis not in result])


__all__ = ["einsum"]
