"""Nested values: lists, tuples, namedtuples, dicts and attrs objects with leaves in them.

A dict's values come in the order of its sorted keys, whatever order it was made in.
A composite (a SparseTensor, an IndexedSlices) is a leaf, unless `expand_composites` asks for its tensors.
"""

from collections import abc, defaultdict

_VIEWS = (abc.KeysView, abc.ValuesView, abc.ItemsView)
_NESTED = (abc.Sequence, abc.Mapping, memoryview) + _VIEWS

composites: dict = {}  # class → (value to its tensors, list of tensors to a value, value to its `Specification`)


class Specification:
    """What two composites at the same place must have in common, and how error messages write it."""

    def __init__(self, common, text):
        self.common, self.text = common, text

    def __str__(self):
        return f"type={self.text.partition('(')[0]} str={self.text}"


def register_composite(cls, tensors, build, specify):
    """Let `expand_composites` see the tensors of objects of ``cls``."""
    composites[cls] = tensors, build, specify


def is_sequence(seq):
    """Whether `seq` has parts: a sequence that is no string, a dict or view of one, or an attrs object."""
    kind = type(seq)
    if kind is list or kind is tuple or kind is dict:
        return True
    return isinstance(seq, _NESTED) and not isinstance(seq, (str, bytes)) or hasattr(kind, "__attrs_attrs__")


is_nested = is_sequence


def _is_namedtuple(value):
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _sorted_keys(mapping):
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError(f"nest only supports dicts with sortable keys; these are {list(mapping)}.") from None


def _is_nested(value, expand):
    return is_sequence(value) or expand and type(value) in composites


def _parts(structure):
    """Return what a nested value (or a composite) holds directly, in order."""
    if type(structure) in composites:
        return composites[type(structure)][0](structure)
    if isinstance(structure, abc.Mapping):
        return [structure[key] for key in _sorted_keys(structure)]
    attributes = getattr(type(structure), "__attrs_attrs__", None)
    if attributes is not None:
        return [getattr(structure, attribute.name) for attribute in attributes]
    return list(structure)


def _like(structure, parts):
    """Return a value of the kind of `structure` with other parts."""
    if type(structure) in composites:
        return composites[type(structure)][1](parts)
    if isinstance(structure, abc.Mapping):
        values = dict(zip(_sorted_keys(structure), parts))
        pairs = [(key, values[key]) for key in structure]
        if type(structure) is defaultdict:
            return defaultdict(structure.default_factory, pairs)
        return type(structure)(pairs)
    if isinstance(structure, _VIEWS + (range, memoryview)):
        return list(parts)
    if _is_namedtuple(structure) or hasattr(type(structure), "__attrs_attrs__"):
        return type(structure)(*parts)
    return type(structure)(parts)


def flatten(structure, expand_composites=False):
    """The leaves of `structure` as a list; of a leaf, a list with it.

    With `expand_composites`, a SparseTensor or an IndexedSlices is no leaf: its tensors are.
    """
    leaves = []
    _gather(structure, leaves, expand_composites)
    return leaves


def _gather(structure, leaves, expand):
    if not _is_nested(structure, expand):
        leaves.append(structure)
        return
    for part in _parts(structure):
        _gather(part, leaves, expand)


def pack_sequence_as(structure, flat_sequence, expand_composites=False):
    """A value nested as `structure`, its leaves taken in order from `flat_sequence`."""
    if not is_sequence(flat_sequence):
        raise TypeError(f"flat_sequence must be a sequence, not {type(flat_sequence).__name__}")
    if not _is_nested(structure, expand_composites):
        if len(flat_sequence) != 1:
            raise ValueError(f"Structure is a scalar but len(flat_sequence) == {len(flat_sequence)} > 1")
        return flat_sequence[0]
    wanted = len(flatten(structure, expand_composites))
    if wanted != len(flat_sequence):
        raise ValueError(f"Could not pack sequence. Structure had {wanted} elements, but flat_sequence had "
                         f"{len(flat_sequence)} elements.  Structure: {structure}, flat_sequence: {flat_sequence}.")
    return _packed(structure, iter(flat_sequence), expand_composites)


def _packed(structure, leaves, expand):
    if not _is_nested(structure, expand):
        return next(leaves)
    return _like(structure, [_packed(part, leaves, expand) for part in _parts(structure)])


def map_structure(func, *structure, check_types=True, expand_composites=False, **kwargs):
    """`func` of the leaves that stand at the same place in every `structure`, nested as the first one."""
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    if kwargs:
        raise ValueError("Only valid keyword arguments are `check_types` and `expand_composites`, "
                         f"not: `{'`, `'.join(kwargs)}`")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types, expand_composites)
    rows = zip(*[flatten(each, expand_composites) for each in structure])
    return pack_sequence_as(structure[0], [func(*row) for row in rows], expand_composites)


class _Dot:
    """A leaf as error messages print it."""

    def __repr__(self):
        return "."


def assert_same_structure(nest1, nest2, check_types=True, expand_composites=False):
    """Raise ValueError if the two are nested differently, TypeError if only the kinds of their parts differ."""
    try:
        _compare(nest1, nest2, check_types, expand_composites)
    except (ValueError, TypeError) as error:
        drawn = [map_structure(lambda _: _Dot(), nest) for nest in (nest1, nest2)]
        raise type(error)(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: {_described(nest1)}\n\nSecond structure: {_described(nest2)}\n\n"
            f"More specifically: {error}\n"
            f"Entire first structure:\n{drawn[0]}\nEntire second structure:\n{drawn[1]}") from None


def _compare(first, second, check_types, expand):
    """Raise the particular difference of two structures, if there is one."""
    nested = _is_nested(first, expand), _is_nested(second, expand)
    if nested == (False, False):
        return
    if False in nested:
        sequence, leaf = (first, second) if nested[0] else (second, first)
        raise ValueError(f'Substructure "{_described(sequence)}" is a sequence, '
                         f'while substructure "{_described(leaf)}" is not')
    if check_types:
        _compare_kinds(first, second)
    if expand and (type(first) in composites or type(second) in composites):
        _compare_composites(first, second)
    parts, others = _parts(first), _parts(second)
    # As in TF, a difference inside the parts both have is told before their number.
    for part, other in zip(parts, others):
        _compare(part, other, check_types, expand)
    if len(parts) != len(others):
        raise ValueError("The two structures don't have the same number of elements. "
                         f"First structure: {_described(first)}. Second structure: {_described(second)}")


def _compare_kinds(first, second):
    mappings = isinstance(first, abc.Mapping) and isinstance(second, abc.Mapping)
    if not mappings and not _same_kind(first, second):
        raise TypeError(f"The two namedtuples don't have the same sequence type. First structure {_described(first)} "
                        f"has type {type(first).__name__}, while second structure {_described(second)} "
                        f"has type {type(second).__name__}")
    if mappings and set(first) != set(second):
        raise ValueError("The two dictionaries don't have the same set of keys. "
                         f"First structure has keys {_described(list(first))}, "
                         f"while second structure has keys {_described(list(second))}")


def _compare_composites(first, second):
    specifications = [composites[type(each)][2](each) if type(each) in composites else None for each in (first, second)]
    if None in specifications or specifications[0].common != specifications[1].common:
        texts = [_described(each) if found is None else str(found) for each, found in zip((first, second), specifications)]
        raise ValueError(f"Incompatible CompositeTensor TypeSpecs: {texts[0]} vs. {texts[1]}")


def _same_kind(first, second):
    if type(first) is type(second) or isinstance(first, list) and isinstance(second, list):
        return True
    # Two namedtuple classes made alike are the same kind, as each call of a function may make its own.
    return (_is_namedtuple(first) and _is_namedtuple(second)
            and type(first).__name__ == type(second).__name__ and first._fields == second._fields)


def _described(value):
    return f"type={type(value).__name__} str={value}"
