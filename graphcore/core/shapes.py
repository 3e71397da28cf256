"""Static shapes: `TensorShape` for users, and arithmetic on `sizes` for shape rules.

`sizes` is a tuple with an int per axis, None for an axis of unknown size; None for unknown rank. The
functions at the end take and give sizes; what cannot fit raises `ShapeMismatch`, whose text is the
first part of TF's sentence: who knows the op appends `` for 'NAME' (op: 'TYPE') with input shapes: …``.
"""

import math

from graphcore.core.dimension import Dimension, _size, as_dimension, dimension_value  # noqa: F401 (given on)

# Programs use few distinct shapes; one that makes endlessly many must not fill the memory.
_MOST_INTERNED = 100_000
_interned = {}


class ShapeMismatch(ValueError):
    """Shapes that do not fit together; the text begins TF's sentence and does not name an op yet."""


class TensorShape:
    """The shape of a tensor as far as it is known when the graph is built.

    `TensorShape([2, None])` has two axes, one of unknown size; nothing is known of `TensorShape(None)`.
    Do not change a shape: many tensors share it.
    """

    __slots__ = ("sizes", "_kept", "_shared")

    def __init__(self, dims):
        self._kept = None
        self._shared = False
        if dims is None:
            self.sizes = None
        elif isinstance(dims, TensorShape):
            self.sizes = dims.sizes
            self._kept = dims.dims
        elif isinstance(dims, (str, bytes)):
            raise TypeError("A string has ambiguous TensorShape, please wrap in a list or convert to an int: "
                            f"{dims!s}")
        elif type(dims).__name__ == "TensorShapeProto":
            self.sizes = None if dims.unknown_rank else tuple(
                None if dim.size == -1 else _size(dim.size) for dim in dims.dim)
        else:
            self._take(dims)

    def _take(self, dims):
        """Become the shape with these dimensions: an iterable, or one size."""
        try:
            dims = iter(dims)
        except TypeError:
            dims = (dims,)
        dims = list(dims)
        self.sizes = tuple([_size(dim) for dim in dims])
        if None in self.sizes:
            # Equality of unknown sizes is identity of Dimension objects: keep the caller's.
            self._kept = [as_dimension(dim) for dim in dims]

    @classmethod
    def of(cls, sizes):
        """The one shared shape with these sizes (a tuple, or None)."""
        found = _interned.get(sizes)
        if found is not None:
            return found
        shape = cls(sizes)
        shape._kept = None
        shape._shared = True
        if len(_interned) < _MOST_INTERNED:
            _interned[shape.sizes] = shape
        return shape

    def unshared(self):
        """This shape as one tensor's own: equal to itself even where sizes are unknown, as `x.shape == x.shape`."""
        return self if self.is_fully_defined() else TensorShape(self.sizes)

    @property
    def dims(self):
        """A list of Dimensions, or None for unknown rank."""
        if self.sizes is None:
            return None
        if self._kept is not None:
            return list(self._kept)
        dims = [Dimension(size) for size in self.sizes]
        # A shared shape stands for many tensors, whose unknown sizes are not known to be equal.
        if not self._shared:
            self._kept = dims
        return list(dims)

    _dims = dims

    @property
    def rank(self):
        """The number of axes, or None."""
        return None if self.sizes is None else len(self.sizes)

    ndims = rank

    def __repr__(self):
        return f"TensorShape({self.dims!r})"

    def __str__(self):
        if self.sizes is None:
            return "<unknown>"
        inside = ", ".join(["?" if size is None else str(size) for size in self.sizes])
        return f"({inside},)" if len(self.sizes) == 1 else f"({inside})"

    def __len__(self):
        if self.sizes is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self.sizes)

    def __bool__(self):
        return self.sizes is not None

    def __iter__(self):
        if self.sizes is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self.dims)

    def __getitem__(self, key):
        if self.sizes is not None:
            return TensorShape(self.dims[key]) if isinstance(key, slice) else self.dims[key]
        if not isinstance(key, slice):
            return Dimension(None)
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start, stop = key.start or 0, key.stop
        if stop is None or start < 0 or stop < 0:
            return unknown_shape()
        return unknown_shape(rank=stop - start)

    def __hash__(self):
        return hash(self.sizes)

    def __eq__(self, other):
        """Whether both are the same; unknown sizes are equal only where they are the same Dimension object."""
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        if self.sizes != other.sizes:
            return False
        return self.sizes is None or None not in self.sizes or self.dims == other.dims

    def __ne__(self, other):
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        if self.sizes is None or other.sizes is None:
            raise ValueError("The inequality of unknown TensorShapes is undefined.")
        return not self == other

    def __reduce__(self):
        return TensorShape, (self.sizes,)

    def __add__(self, other):
        return self.concatenate(other)

    def __radd__(self, other):
        return as_shape(other).concatenate(self)

    def concatenate(self, other):
        """This shape's axes, then those of `other`; unknown if either is."""
        other = as_shape(other)
        if self.sizes is None or other.sizes is None:
            return unknown_shape()
        return TensorShape(self.dims + other.dims)

    def as_list(self):
        """The sizes as a list of int and None."""
        if self.sizes is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self.sizes)

    def num_elements(self):
        """The number of elements, or None if a size is unknown."""
        return math.prod(self.sizes) if self.is_fully_defined() else None

    def is_fully_defined(self):
        """Whether rank and every size are known."""
        return self.sizes is not None and None not in self.sizes

    def is_compatible_with(self, other):
        """Whether some shape is both: ranks equal or unknown, sizes equal or unknown."""
        other = as_shape(other)
        if self.sizes is None or other.sizes is None:
            return True
        return len(self.sizes) == len(other.sizes) and all(
            x is None or y is None or x == y for x, y in zip(self.sizes, other.sizes))

    def merge_with(self, other):
        """What is known of either shape; ValueError if they contradict each other."""
        other = as_shape(other)
        if self.sizes is None:
            return other
        # Of a shape of unknown rank nothing is learnt, but the result is a new shape.
        known = other.sizes or (None,) * len(self.sizes)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape([y if x is None else x for x, y in zip(self.sizes, known)])

    def most_specific_compatible_shape(self, other):
        """The shape with the sizes in which both agree, the others unknown; unknown if ranks differ."""
        other = as_shape(other)
        if self.sizes is None or other.sizes is None or len(self.sizes) != len(other.sizes):
            return unknown_shape()
        return TensorShape([x if x == y else None for x, y in zip(self.sizes, other.sizes)])

    def with_rank(self, rank):
        """This shape, unknown sizes filled in if its rank was unknown; ValueError if its rank is another."""
        self.assert_has_rank(rank)
        return self.merge_with(unknown_shape(rank=rank))

    def with_rank_at_least(self, rank):
        """This shape; ValueError if it has fewer axes."""
        if self.sizes is not None and len(self.sizes) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank):
        """This shape; ValueError if it has more axes."""
        if self.sizes is not None and len(self.sizes) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank):
        """Raise ValueError if this shape has another rank."""
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other):
        """Raise ValueError if the ranks are known and differ."""
        other = as_shape(other)
        if self.sizes is not None and other.sizes is not None and len(self.sizes) != len(other.sizes):
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_compatible_with(self, other):
        """Raise ValueError unless `is_compatible_with(other)`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_is_fully_defined(self):
        """Raise ValueError if rank or a size is unknown."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")


def as_shape(shape):
    """Return `shape` if it is a TensorShape, else the TensorShape made of it."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(rank=None, **kwargs):
    """A shape of unknown sizes, with `rank` (or `ndims`) axes if given."""
    if rank is None:
        rank = kwargs.pop("ndims", None)
    if kwargs:
        raise TypeError(f"Unknown argument: {kwargs}")
    return TensorShape(None if rank is None else [Dimension(None)] * rank)


def dimension_at_index(shape, index):
    """The Dimension of one axis; an unknown one if the rank is unknown."""
    return Dimension(None) if shape.sizes is None else shape.dims[index]


UNKNOWN = TensorShape.of(None)
SCALAR = TensorShape.of(())


def format_shape(sizes):
    """Sizes as TF's error messages print them: `[2,?]`, and `?` for unknown rank."""
    return "?" if sizes is None else f"[{','.join(['?' if size is None else str(size) for size in sizes])}]"


def with_rank(sizes, rank):
    """`sizes`, or `rank` unknown sizes if the rank was unknown; ShapeMismatch if it is another."""
    if sizes is None:
        return (None,) * rank
    if len(sizes) != rank:
        raise ShapeMismatch(f"Shape must be rank {rank} but is rank {len(sizes)}")
    return sizes


def with_rank_at_least(sizes, rank):
    """`sizes`; ShapeMismatch if it has fewer axes."""
    if sizes is not None and len(sizes) < rank:
        raise ShapeMismatch(f"Shape must be at least rank {rank} but is rank {len(sizes)}")
    return sizes


def with_rank_at_most(sizes, rank):
    """`sizes`; ShapeMismatch if it has more axes."""
    if sizes is not None and len(sizes) > rank:
        raise ShapeMismatch(f"Shape must be at most rank {rank} but is rank {len(sizes)}")
    return sizes


def merged_size(x, y):
    """The known one of two sizes of one axis; ShapeMismatch if both are known and differ."""
    if x is not None and y is not None and x != y:
        raise ShapeMismatch(f"Dimensions must be equal, but are {x} and {y}")
    return y if x is None else x


def merge(a, b):
    """What is known of either: the sizes of a value that has both shapes."""
    if a is None or b is None or a == b:
        return b if a is None else a
    if len(a) != len(b):
        raise ShapeMismatch(f"Shapes must be equal rank, but are {len(a)} and {len(b)}")
    for axis, (x, y) in enumerate(zip(a, b)):
        if x is not None and y is not None and x != y:
            raise ShapeMismatch(f"Dimension {axis} in both shapes must be equal, but are {x} and {y}. "
                                f"Shapes are {format_shape(a)} and {format_shape(b)}.")
    return tuple([y if x is None else x for x, y in zip(a, b)])


def broadcast(a, b):
    """The sizes of an element-wise result of two inputs."""
    if a is None or b is None:
        return None
    if a == b and None not in a:
        return a
    rank = max(len(a), len(b))
    padded_a, padded_b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    return tuple([_broadcast_size(x, y) for x, y in zip(padded_a, padded_b)])


def _broadcast_size(x, y):
    if x == 1:
        return y
    if y == 1:
        return x
    if x is None or y is None:
        # A size above 1 leaves the other only 1 or the same; 0 next to an unknown one stays unknown in TF.
        known = y if x is None else x
        return known or None
    return merged_size(x, y)


def reduced(sizes, axes, keep_dims):
    """The sizes left after reducing over `axes`: an int or several; None if not known."""
    if sizes is None:
        return None
    if axes is None:
        return (None,) * len(sizes) if keep_dims else None
    rank, gone = len(sizes), set()
    for axis in (axes,) if isinstance(axes, int) else axes:
        if not -rank <= axis < rank:
            raise ShapeMismatch(f"Invalid reduction dimension {axis} for input with {rank} dimensions.")
        gone.add(axis % rank)
    if keep_dims:
        return tuple([1 if axis in gone else size for axis, size in enumerate(sizes)])
    return tuple([size for axis, size in enumerate(sizes) if axis not in gone])


def concatenated(list_of_sizes, axis):
    """The sizes of the inputs put together along `axis` (None if not known)."""
    rank = next((len(sizes) for sizes in list_of_sizes if sizes is not None), None)
    if rank is None:
        return None
    if rank == 0:
        raise ShapeMismatch("Can't concatenate scalars (use tf.stack instead)")
    list_of_sizes = [with_rank(sizes, rank) for sizes in list_of_sizes]
    if axis is None:
        return (None,) * rank
    with_rank_at_least(list_of_sizes[0], axis + 1 if axis >= 0 else -axis)
    axis %= rank
    before, length, after = (), 0, ()
    for position, sizes in enumerate(reversed(list_of_sizes)):
        before = merge(sizes[:axis], before) if position else sizes[:axis]
        after = merge(sizes[axis + 1:], after) if position else sizes[axis + 1:]
        length = None if length is None or sizes[axis] is None else length + sizes[axis]
    return before + (length,) + after
