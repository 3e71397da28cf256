"""Graph and op seeds: which two numbers start the generator of a random op."""

from graphcore.core.scopes import get_default_graph

DEFAULT_GRAPH_SEED = 87654321
_LARGEST = 2**31 - 1


def set_random_seed(seed):
    """Set the seed of the default graph; random ops made from now on give the same numbers in every session.

    A random op takes it together with its own ``seed`` argument, or else with the number of operations made so far.

    >>> import graphcore as tf
    >>> tf.set_random_seed(1234)
    >>> tf.get_seed(5)
    (1234, 5)
    """
    get_default_graph().seed = seed


def get_seed(op_seed):
    """The pair (graph seed, op seed) that a random op made now uses.

    Args:
      op_seed: an integer, or None.

    Without ``op_seed`` a seeded graph lends the number of its operations; without a graph seed a fixed one joins
    ``op_seed``; without either the pair is ``(None, None)``, and every session draws other numbers.

    Raises:
      TypeError: a seed is no number.
    """
    graph = get_default_graph()
    if graph.seed is None:
        return (None, None) if op_seed is None else (DEFAULT_GRAPH_SEED, _within_range(op_seed))
    pair = _within_range(graph.seed), _within_range(graph._last_id if op_seed is None else op_seed)
    # Kernels read two zeros as "not seeded".
    return (0, _LARGEST) if pair == (0, 0) else pair


def seed_attributes(op_seed):
    """`get_seed` as the attributes of a node: a dict with ``seed`` and ``seed2``, zeros for "not seeded"."""
    seed, seed2 = get_seed(op_seed)
    return {"seed": int(seed or 0), "seed2": int(seed2 or 0)}


def _within_range(seed):
    if isinstance(seed, (str, bytes)):
        raise TypeError(f"Expected int for argument 'seed' not {seed!r}: a seed is a Python integer.")
    try:
        return seed % _LARGEST
    except TypeError:
        raise TypeError(f"Expected int for argument 'seed' not {seed!r}: a seed is a Python integer.") from None


__all__ = ["get_seed", "set_random_seed"]
