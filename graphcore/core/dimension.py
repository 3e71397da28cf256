"""`Dimension`: the size of one axis, which may be unknown."""

from graphcore.core.dtypes import DType


class Dimension:
    """The size of one axis; with `value` None it is unknown, and so is what is computed from it.

    >>> Dimension(3) + 2, Dimension(3) * None, Dimension(3) < Dimension(None)
    (Dimension(5), Dimension(None), None)
    """

    __slots__ = ("_value",)

    def __init__(self, value):
        self._value = _size(value)

    @property
    def value(self):
        """The size as an int, or None."""
        return self._value

    # Comparing with an unknown size answers None, so equal sizes cannot promise equal hashes.
    __hash__ = None

    def __repr__(self):
        return f"Dimension({self._value!r})"

    def __str__(self):
        return "?" if self._value is None else str(self._value)

    def __int__(self):
        return self._value

    def __index__(self):
        return self._value

    def __reduce__(self):
        return Dimension, (self._value,)

    def __eq__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else _both(self, other, lambda x, y: x == y)

    def __ne__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else _both(self, other, lambda x, y: x != y)

    def __lt__(self, other):
        return _both(self, as_dimension(other), lambda x, y: x < y)

    def __le__(self, other):
        return _both(self, as_dimension(other), lambda x, y: x <= y)

    def __gt__(self, other):
        return _both(self, as_dimension(other), lambda x, y: x > y)

    def __ge__(self, other):
        return _both(self, as_dimension(other), lambda x, y: x >= y)

    def __add__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else Dimension(_both(self, other, lambda x, y: x + y))

    __radd__ = __add__

    def __sub__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else Dimension(_both(self, other, lambda x, y: x - y))

    def __rsub__(self, other):
        return as_dimension(other) - self

    def __mul__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else Dimension(_both(self, other, lambda x, y: x * y))

    __rmul__ = __mul__

    def __floordiv__(self, other):
        other = _or_none(other)
        return NotImplemented if other is None else Dimension(_both(self, other, lambda x, y: x // y))

    def __rfloordiv__(self, other):
        return as_dimension(other) // self

    def __mod__(self, other):
        return Dimension(_both(self, as_dimension(other), lambda x, y: x % y))

    def __rmod__(self, other):
        return as_dimension(other) % self

    def __truediv__(self, other):
        raise TypeError(f"unsupported operand type(s) for /: 'Dimension' and '{type(other).__name__}', "
                        "please use // instead")

    def __rtruediv__(self, other):
        raise TypeError(f"unsupported operand type(s) for /: '{type(other).__name__}' and 'Dimension', "
                        "please use // instead")

    def is_compatible_with(self, other):
        """Whether both can be the same size: equal, or at least one unknown."""
        other = _or_none(other)
        if other is None:
            return NotImplemented
        return _both(self, other, lambda x, y: x == y) is not False

    def assert_is_compatible_with(self, other):
        """Raise ValueError unless `is_compatible_with(other)`."""
        if self.is_compatible_with(other) is False:
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other):
        """The known one of the two sizes; ValueError if both are known and differ."""
        other = _or_none(other)
        if other is None:
            return NotImplemented
        self.assert_is_compatible_with(other)
        return Dimension(other if self._value is None else self)


def as_dimension(value):
    """Return `value` if it is a Dimension, else a new Dimension of that size."""
    return value if isinstance(value, Dimension) else Dimension(value)


def dimension_value(dimension):
    """Return the plain int or None of a Dimension; anything else is returned as it is."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


def _size(value):
    """Return the int, or None, that `value` stands for as a size."""
    if value is None:
        return None
    if isinstance(value, Dimension):
        return value.value
    if isinstance(value, DType):
        raise TypeError(f"Cannot convert {value} to Dimension")
    size = int(value)
    if size != value and not isinstance(value, (str, bytes)):
        raise ValueError(f"Ambiguous dimension: {value}")
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def _or_none(value):
    """Return `value` as a Dimension, or None when it cannot be a size and Python shall ask the other operand."""
    try:
        return as_dimension(value)
    except (TypeError, ValueError):
        return None


def _both(x, y, function):
    """Apply `function` to both sizes, or return None when one is unknown."""
    return None if x._value is None or y._value is None else function(x._value, y._value)
