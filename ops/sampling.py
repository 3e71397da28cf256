"""Candidate samplers: a few classes drawn from many, for losses that need not look at all of them."""

import threading
from collections import namedtuple
from functools import cache

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import float32, int32, int64
from graphcore.core.opdef import Attr, Input, Op, Output
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops.kernels import sampling
from graphcore.ops.kernels.philox import PhiloxState
from graphcore.ops.random_seed import seed_attributes


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class _State:
    """What a sampler keeps from run to run: its generator and, if it learns, what it has seen."""

    def __init__(self, node, sampler):
        self.random, self.sampler, self.lock = PhiloxState(node.seed, node.seed2), sampler, threading.Lock()


def _check_classes(true_classes, num_true):
    if true_classes.ndim != 2:
        raise _invalid(f"true_classes must be a matrix, its shape is {format_shape(true_classes.shape)}")
    if true_classes.shape[1] != num_true:
        raise _invalid(f"true_classes must have num_true columns, expected: {true_classes.shape[1]} was: {num_true}")


def _drawn(state, true_classes, num_true, num_sampled, unique):
    """The three outputs of a sampler."""
    _check_classes(true_classes, num_true)
    sampler = state.sampler
    if unique and num_sampled > sampler.size:
        raise _invalid(f"Sampler's range is too small. {num_sampled} different classes of {sampler.size} are wanted.")
    with state.lock:
        words = sampling.Words(state.random, num_sampled * sampling.BLOCKS_PER_SAMPLE)
        classes, tries = sampling.sampled(sampler, words, num_sampled, unique)
        classes = np.array(classes, np.int64)
        expected = [sampling.expected_counts(sampler.chance(each), num_sampled, tries) for each in (true_classes, classes)]
    return classes, *expected


def _sizes(node):
    sizes = with_rank(node.true_classes.shape.sizes, 2)
    return [(node.num_sampled,), (None if sizes is None else sizes[0], node.num_true), (node.num_sampled,)]


class LogUniformCandidateSampler(Op, stateful=True, refuses=True):
    """Classes drawn from a distribution in which ``k`` has about the probability ``1 / (k + 1)``, times a constant."""

    num_true = Attr(int, minimum=1)
    num_sampled = Attr(int, minimum=1)
    unique = Attr(bool)
    range_max = Attr(int, minimum=1)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Output(int64)
    true_expected_count = Output(float32)
    sampled_expected_count = Output(float32)
    example = dict(true_classes=np.array([[0, 3]]), num_true=2, num_sampled=4, unique=False, range_max=20, seed=1, seed2=2)
    infer = _sizes

    def new_state(node):
        return _State(node, sampling.LogUniform(node.range_max))

    def kernel(state, true_classes, *, num_true, num_sampled, unique):
        return _drawn(state, true_classes, num_true, num_sampled, unique)


class UniformCandidateSampler(Op, stateful=True, refuses=True):
    """Classes drawn evenly."""

    num_true = Attr(int, minimum=1)
    num_sampled = Attr(int, minimum=1)
    unique = Attr(bool)
    range_max = Attr(int, minimum=1)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Output(int64)
    true_expected_count = Output(float32)
    sampled_expected_count = Output(float32)
    example = dict(true_classes=np.array([[0, 3]]), num_true=2, num_sampled=4, unique=True, range_max=20, seed=1, seed2=2)
    infer = _sizes

    def new_state(node):
        return _State(node, sampling.Uniform(node.range_max))

    def kernel(state, true_classes, *, num_true, num_sampled, unique):
        return _drawn(state, true_classes, num_true, num_sampled, unique)


class LearnedUnigramCandidateSampler(Op, stateful=True, refuses=True):
    """Classes drawn as often as they have been true classes of earlier runs of the session."""

    num_true = Attr(int, minimum=1)
    num_sampled = Attr(int, minimum=1)
    unique = Attr(bool)
    range_max = Attr(int, minimum=1)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Output(int64)
    true_expected_count = Output(float32)
    sampled_expected_count = Output(float32)
    example = dict(true_classes=np.array([[0, 3]]), num_true=2, num_sampled=4, unique=True, range_max=20, seed=1, seed2=2)
    infer = _sizes

    def new_state(node):
        return _State(node, sampling.Learned(node.range_max))

    def kernel(state, true_classes, *, num_true, num_sampled, unique, range_max):
        outside = (true_classes < 0) | (true_classes >= range_max)
        if outside.any():
            raise _invalid(f"true_classes holds {true_classes[outside][0]}, which is not in [0, {range_max})")
        result = _drawn(state, true_classes, num_true, num_sampled, unique)
        with state.lock:
            state.sampler.learn(true_classes)
        return result


class FixedUnigramCandidateSampler(Op, stateful=True, refuses=True):
    """Classes drawn in proportion to given weights, raised to the power ``distortion``."""

    num_true = Attr(int, minimum=1)
    num_sampled = Attr(int, minimum=1)
    unique = Attr(bool)
    range_max = Attr(int, minimum=1)
    vocab_file = Attr(bytes, default=b"")
    distortion = Attr(float, default=1.0)
    num_reserved_ids = Attr(int, default=0)
    num_shards = Attr(int, default=1, minimum=1)
    shard = Attr(int, default=0, minimum=0)
    unigrams = Attr([float], default=())
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Output(int64)
    true_expected_count = Output(float32)
    sampled_expected_count = Output(float32)
    example = dict(true_classes=np.array([[0, 3]]), num_true=2, num_sampled=3, unique=True, range_max=4, unigrams=[1.0, 2.0, 3.0, 4.0],
                   seed=1, seed2=2)
    infer = _sizes

    def new_state(node):
        return _State(node, sampling.Weighted(_weights(node)))

    def kernel(state, true_classes, *, num_true, num_sampled, unique):
        able = np.count_nonzero(state.sampler.weights)
        if unique and able < num_sampled <= state.sampler.size:
            raise _invalid(f"Sampler's range is too small. {num_sampled} different classes are wanted, {able} have a weight above 0.")
        return _drawn(state, true_classes, num_true, num_sampled, unique)


def _weights(node):
    """The weights of a shard's classes; InvalidArgumentError unless there are ``range_max`` of them."""
    if not node.vocab_file and not node.unigrams:
        raise _invalid("Must provide either vocab_file or unigrams.")
    if node.vocab_file and node.unigrams:
        raise _invalid("Must only provide one of vocab_file and unigrams.")
    given = _weights_of_file(node.vocab_file.decode()) if node.vocab_file else node.unigrams
    with np.errstate(all="ignore"):
        powers = np.power(np.array(given, np.float32), np.float32(node.distortion), dtype=np.float32)
    if node.num_reserved_ids < 0:
        raise _invalid(f"num_reserved_ids must not be negative, is {node.num_reserved_ids}")
    weights = np.concatenate([np.zeros(node.num_reserved_ids, np.float32), powers])
    chosen = weights[node.shard::node.num_shards]
    if len(chosen) != node.range_max:
        raise _invalid(f"range_max is {node.range_max} and num_reserved_ids and weights make {len(chosen)} classes")
    return chosen


def _weights_of_file(name):
    """The last column of each line."""
    with open(name, encoding="utf-8") as lines:
        entries = [line.rsplit(",", 1)[-1] for line in lines if line.strip()]
    try:
        return [float(entry) for entry in entries]
    except ValueError:
        raise _invalid(f"Wrong vocabulary format at file {name}: the last column of each line has to be a number") from None


class AllCandidateSampler(Op, stateful=True, refuses=True):
    """All classes below ``num_sampled``, each expected once."""

    num_true = Attr(int, minimum=1)
    num_sampled = Attr(int, minimum=1)
    unique = Attr(bool)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Output(int64)
    true_expected_count = Output(float32)
    sampled_expected_count = Output(float32)
    example = dict(true_classes=np.array([[0, 2]]), num_true=2, num_sampled=3, unique=True)
    infer = _sizes

    def kernel(true_classes, *, num_true, num_sampled):
        _check_classes(true_classes, num_true)
        return np.arange(num_sampled), np.ones(true_classes.shape, np.float32), np.ones(num_sampled, np.float32)


class ComputeAccidentalHits(Op, refuses=True):
    """Where ``sampled_candidates`` are true classes: rows of ``true_classes``, places among the samples, and a huge negative weight."""

    num_true = Attr(int)
    seed = Attr(int, default=0)
    seed2 = Attr(int, default=0)
    true_classes = Input(int64)
    sampled_candidates = Input(int64)
    indices = Output(int32)
    ids = Output(int64)
    weights = Output(float32)
    example = dict(true_classes=np.array([[0, 3], [5, 2]]), sampled_candidates=np.array([5, 1, 2]), num_true=2,
                   indices=[1, 1], ids=[0, 2], weights=[np.finfo(np.float32).min] * 2)

    def infer(node):
        sizes = with_rank(node.true_classes.shape.sizes, 2)
        if sizes is not None and sizes[1] not in (None, node.num_true):
            raise ShapeMismatch(f"Dimension must be {node.num_true} but is {sizes[1]}")
        with_rank(node.sampled_candidates.shape.sizes, 1)
        return [(None,)] * 3

    def kernel(true_classes, sampled_candidates, *, num_true):
        if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
            raise _invalid(f"true_candidates must be a batch_size * num_true matrix, its shape is {format_shape(true_classes.shape)}")
        if sampled_candidates.ndim != 1:
            raise _invalid("sampled_candidates must be a vector, which is typically an output from CandidateSampler")
        rows, places = sampling.accidental_hits(true_classes, sampled_candidates)
        return rows, places, np.full(len(rows), np.finfo(np.float32).min)


# ---------------------------------------------------------------- public functions


@cache
def _result_type(op):
    return namedtuple(op.__name__, [output.name for output in op.outputs])


def _made(op, *inputs, **attrs):
    """The named outputs of a new node."""
    return _result_type(op)(*op.build(*inputs, **attrs))


def log_uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """``(sampled_candidates, true_expected_count, sampled_expected_count)``: classes of [0, range_max), small ones more often.

    Args:
      true_classes: int64, ``[batch, num_true]``: classes whose expected counts are wanted too.
      num_sampled: how many classes are drawn.
      unique: whether they are all different; expected counts are then approximate.
      seed: with it every session draws the same classes.

    Raises:
      tf.errors.InvalidArgumentError: more different classes are wanted than there are, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.log_uniform_candidate_sampler([[0]], 1, 4, True, 1000, seed=7)[0])
    array([411,   0,  23, 316])
    """
    return _made(LogUniformCandidateSampler, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique,
                 range_max=range_max, name=name, **seed_attributes(seed))


def uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """`log_uniform_candidate_sampler` with all classes equally likely."""
    return _made(UniformCandidateSampler, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique,
                 range_max=range_max, name=name, **seed_attributes(seed))


def learned_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """`log_uniform_candidate_sampler` with classes as likely as they were true classes in this session so far."""
    return _made(LearnedUnigramCandidateSampler, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique,
                 range_max=range_max, name=name, **seed_attributes(seed))


def fixed_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, vocab_file="", distortion=1.0,
                                    num_reserved_ids=0, num_shards=1, shard=0, unigrams=(), seed=None, name=None):
    """`log_uniform_candidate_sampler` with given weights of the classes.

    Args:
      vocab_file: a file of which each line stands for a class; what follows its last comma is the weight.
      unigrams: the weights, if there is no such file.
      distortion: the weights are raised to this power.
      num_reserved_ids: so many classes of weight 0 come first.
      num_shards, shard: only the classes ``shard``, ``shard + num_shards`` … are drawn from.
    """
    return _made(FixedUnigramCandidateSampler, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique,
                 range_max=range_max, vocab_file=vocab_file, distortion=distortion, num_reserved_ids=num_reserved_ids,
                 num_shards=num_shards, shard=shard, unigrams=unigrams, name=name, **seed_attributes(seed))


def all_candidate_sampler(true_classes, num_true, num_sampled, unique, seed=None, name=None):
    """All classes of [0, num_sampled), for tests: sampled losses are then the whole ones."""
    return _made(AllCandidateSampler, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique, name=name,
                 **seed_attributes(seed))


def compute_accidental_hits(true_classes, sampled_candidates, num_true, seed=None, name=None):
    """``(indices, ids, weights)``: the rows of ``true_classes`` and places in ``sampled_candidates`` of equal classes.

    The weights are the lowest float32: added to the logits of samples they take those out.
    """
    return _made(ComputeAccidentalHits, true_classes, sampled_candidates, num_true=num_true, name=name, **seed_attributes(seed))


__all__ = ["all_candidate_sampler", "compute_accidental_hits", "fixed_unigram_candidate_sampler", "learned_unigram_candidate_sampler",
           "log_uniform_candidate_sampler", "uniform_candidate_sampler"]
