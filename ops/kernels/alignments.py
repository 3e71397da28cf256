"""Array code of connectionist temporal classification: losses of alignments, and the likeliest labels."""

import numpy as np

from graphcore.core import errors
from graphcore.ops.kernels import beams
from graphcore.ops.kernels.sparsity import check_order, invalid, shape_text


def check_inputs(inputs, lengths, error=errors.FailedPreconditionError):
    """Raise unless there are inputs of [time, batch, classes] with a length for each row of the batch."""
    if inputs.ndim != 3:
        raise invalid("inputs is not a 3-Tensor")
    if lengths.ndim != 1:
        raise invalid("sequence_length is not a vector")
    time, batch, classes = inputs.shape
    if not classes:
        raise invalid("num_classes cannot be 0: inputs has no classes")
    if len(lengths) != batch:
        raise error(None, None, f"len(sequence_length) != batch_size.  len(sequence_length):  {len(lengths)} batch_size: {batch}")
    for row, length in enumerate(lengths):
        if length > time:
            raise error(None, None, f"sequence_length({row}) <= {time} does not hold: it is {length}")
        if length < 0:
            raise error(None, None, f"seq_len({row}) < 0: it is {length}")


# ---------------------------------------------------------------- losses
def losses(inputs, indices, values, lengths, collapse, merge, ignore_longer):
    """(the loss of each row of the batch, their gradients for the inputs)."""
    check_inputs(inputs, lengths, errors.InvalidArgumentError)
    time, batch, classes = inputs.shape
    labels = _labels(indices, values, batch)
    found, gradients = np.zeros(batch, inputs.dtype), np.zeros_like(inputs)
    for row, given in enumerate(labels):
        wanted = _collapsed(given, classes, collapse, row)
        length = int(lengths[row])
        if len(wanted) > length and not ignore_longer:
            raise invalid(f"Not enough time for target transition sequence (required: {len(wanted)}, available: {length}) in batch {row}. "
                          "You can turn this error into a warning by using the flag ignore_longer_outputs_than_inputs")
        if length and len(wanted) <= length:
            found[row], gradients[:length, row] = _loss(inputs[:length, row].astype(np.float64), wanted, merge)
    return found, gradients


def _labels(indices, values, batch):
    """The labels of each row of the batch."""
    if indices.ndim != 2:
        raise invalid("labels_indices is not a matrix")
    if indices.shape[1] != 2:
        raise invalid(f"label SparseTensor is not valid: labels_indices has {indices.shape[1]} columns, not 2")
    if values.ndim != 1:
        raise invalid("labels_values is not a vector")
    if len(indices) != len(values):
        raise invalid("labels_indices and labels_values must contain the same number of rows, but saw shapes: "
                      f"{shape_text(indices)} vs. {shape_text(values)}")
    try:
        check_order(indices, np.array([batch, int(indices[:, 1].max(initial=-1)) + 1]))
    except errors.InvalidArgumentError as error:
        raise invalid(f"label SparseTensor is not valid: {error.message}") from None
    return [values[indices[:, 0] == row] for row in range(batch)]


def _collapsed(given, classes, collapse, row):
    """The labels up to a blank, without repetitions if ``collapse``."""
    if not len(given):
        raise invalid(f"Labels length is zero in batch {row}")
    if (given < 0).any():
        raise invalid(f"All labels must be nonnegative integers, batch: {row} labels: {','.join(map(str, given))}")
    if collapse:
        given = given[np.r_[True, given[1:] != given[:-1]]]
    blank = given >= classes - 1
    count = int(np.argmax(blank)) if blank.any() else len(given)
    if not blank[count:].all():
        raise invalid(f"Saw a non-null label (index >= num_classes - 1) following a null label, batch: {row} num_classes: {classes} "
                      f"labels: {','.join(map(str, given))} labels seen so far: {','.join(map(str, given[:count]))}")
    return given[:count]


def _loss(inputs, labels, merge):
    """(loss, gradient) of one sequence: minus the logarithm of the probability of all alignments with the labels."""
    time, classes = inputs.shape
    logs = log_softmax(inputs)
    path = np.full(2 * len(labels) + 1, classes - 1)
    path[1::2] = labels
    of_path = logs[:, path]
    is_blank = path == classes - 1
    stays = is_blank | merge
    skips = ~is_blank & ~(np.r_[-1, -1, path][:len(path)] == path if merge else np.zeros(len(path), bool))
    skips[:2] = False
    before = _forward(of_path, stays, skips)
    after = _backward(of_path, stays, skips)
    total = np.logaddexp.reduce(before[-1] + after[-1])
    gradient = np.exp(logs)
    if np.isneginf(total):
        return np.inf, gradient
    shares = np.exp(before + after - total)
    np.subtract.at(gradient.T, path, shares.T)
    return -total, gradient


def _forward(of_path, stays, skips):
    """The log probability of all ways to each place of the path at each time, that time included."""
    found = np.full(of_path.shape, -np.inf)
    found[0, :2] = of_path[0, :2]
    for time in range(1, len(found)):
        last = found[time - 1]
        ways = np.logaddexp(np.where(stays, last, -np.inf), _moved(last, 1))
        found[time] = np.logaddexp(ways, np.where(skips, _moved(last, 2), -np.inf)) + of_path[time]
    return found


def _backward(of_path, stays, skips):
    """The log probability of all ways from each place of the path at each time to the end, that time excluded."""
    found = np.full(of_path.shape, -np.inf)
    found[-1, -2:] = 0
    for time in range(len(found) - 2, -1, -1):
        following = found[time + 1] + of_path[time + 1]
        ways = np.logaddexp(np.where(stays, following, -np.inf), _moved(following, -1))
        found[time] = np.logaddexp(ways, _moved(np.where(skips, following, -np.inf), -2))
    return found


def _moved(row, steps):
    """``row`` moved to the right (or left) with -inf following."""
    gap = np.full(min(abs(steps), len(row)), -np.inf)
    return np.concatenate([gap, row])[:len(row)] if steps > 0 else np.concatenate([row, gap])[-len(row):]


def log_softmax(inputs):
    """The logarithms of the softmax along the last axis."""
    shifted = inputs - inputs.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


# ---------------------------------------------------------------- decoders
def greedy(inputs, lengths, merge):
    """The parts of a sparse tensor of the likeliest class at each time, without blanks; minus the sum of their inputs."""
    check_inputs(inputs, lengths)
    blank, scores, found = inputs.shape[2] - 1, np.zeros((inputs.shape[1], 1), inputs.dtype), []
    for row, length in enumerate(lengths):
        best = inputs[:length, row].argmax(axis=1)
        scores[row] = -inputs[:length, row].max(axis=1).sum(dtype=inputs.dtype) if length else 0
        kept = best != blank
        if merge:
            kept &= np.r_[-1, best[:-1]] != best if len(best) else kept
        found.append(best[kept])
    return *_sparse(found), scores


def _sparse(rows):
    """The parts of a sparse matrix with these rows."""
    indices = [(number, column) for number, row in enumerate(rows) for column in range(len(row))]
    values = np.concatenate([np.asarray(row, np.int64) for row in rows]) if rows else np.zeros(0, np.int64)
    longest = max(map(len, rows), default=0)
    return np.array(indices, np.int64).reshape(-1, 2), values, np.array([len(rows), longest], np.int64)


def beam_search(inputs, lengths, width, paths, merge):
    """The parts of ``paths`` sparse tensors with the likeliest labels of each row (indices, values, shapes), and log probabilities."""
    check_inputs(inputs, lengths)
    if paths > width:
        raise invalid("requested more paths than the beam width.")
    scores, found = np.zeros((inputs.shape[1], paths), inputs.dtype), []
    for row, length in enumerate(lengths):
        labels, totals = beams.search(log_softmax(inputs[:length, row].astype(np.float64)), width)
        if len(labels) < paths:
            raise invalid(f"Less leaves in the beam search than requested. ({len(labels)} and {paths})")
        scores[row] = totals[:paths]
        found.append([_without_repetitions(each) if merge else each for each in labels[:paths]])
    parts = [_sparse([row[path] for row in found]) for path in range(paths)]
    return *(part for kind in zip(*parts) for part in kind), scores


def _without_repetitions(labels):
    return [label for place, label in enumerate(labels) if not place or labels[place - 1] != label]
