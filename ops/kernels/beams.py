"""The beam search of connectionist temporal classification, step by step as TF does it.

A search that kept the best of all continuations would differ: TF offers them one after the other, and a sequence that
was driven out and is offered again in vain is not continued in that step.
"""

import numpy as np

_NEVER = -np.inf


class _Sequence:
    """A label sequence: its log probabilities (in all, ending with a blank, ending with its label) before and after a step."""

    __slots__ = ("parent", "label", "longer", "before", "after")

    def __init__(self, parent, label):
        self.parent, self.label, self.longer = parent, label, {}
        self.before = self.after = (_NEVER, _NEVER, _NEVER)

    def labels(self):
        """The labels from the first to the last."""
        found, sequence = [], self
        while sequence.parent is not None:
            found.append(sequence.label)
            sequence = sequence.parent
        return found[::-1]

    def leading_here(self, label):
        """The log probability, before the step, of what ``label`` may follow: right after itself there has to be a blank."""
        return self.before[1] if label == self.label else self.before[0]


class _Beam:
    """The best ``width`` sequences, of which the worst is at hand."""

    def __init__(self, width):
        self.width, self.kept, self.worst = width, [], None

    def takes(self, total):
        """Whether a sequence of this log probability would be kept."""
        return total > _NEVER and (len(self.kept) < self.width or total > self.worst.after[0])

    def add(self, sequence):
        """Keep a sequence; the worst one goes if there are too many."""
        if len(self.kept) == self.width:
            self.worst.after = (_NEVER, _NEVER, _NEVER)
            self.kept.remove(self.worst)
        self.kept.append(sequence)
        self.worst = min(self.kept, key=lambda each: each.after[0])

    def ordered(self):
        """The sequences, best first."""
        return sorted(self.kept, key=lambda each: -each.after[0])


def search(logs, width):
    """(the likeliest label sequences, likeliest first; the logarithms of their probabilities)."""
    root = _Sequence(None, -1)
    root.after = (0.0, 0.0, _NEVER)
    sequences = [root]
    for step in logs.tolist():
        beam = _Beam(width)
        for sequence in sequences:
            sequence.before = sequence.after
        for sequence in sequences:
            sequence.after = _continued(sequence, step)
            beam.add(sequence)
        for sequence in sequences:
            if beam.takes(sequence.before[0]):
                _lengthen(sequence, step, beam)
        sequences = beam.ordered()
    return [sequence.labels() for sequence in sequences], np.array([sequence.after[0] for sequence in sequences])


def _continued(sequence, step):
    """The log probabilities of a sequence after a step in which it may become what it is, or stay."""
    with_label = _NEVER
    if sequence.parent is not None:
        with_label = sequence.before[2]
        if sequence.parent.after[0] != _NEVER:
            with_label = np.logaddexp(with_label, sequence.parent.leading_here(sequence.label))
        with_label = float(with_label + step[sequence.label])
    with_blank = sequence.before[0] + step[-1]
    return float(np.logaddexp(with_blank, with_label)), with_blank, with_label


def _lengthen(sequence, step, beam):
    """Offer the beam the sequence with each label at its end."""
    for label, score in enumerate(step[:-1]):
        longer = sequence.longer.get(label)
        if longer is not None and longer.after[0] != _NEVER:
            continue  # it was kept already
        total = score + sequence.leading_here(label)
        if beam.takes(total):
            longer = longer or sequence.longer.setdefault(label, _Sequence(sequence, label))
            longer.after = (total, _NEVER, total)
            beam.add(longer)
        elif longer is not None:
            longer.before = longer.after = (_NEVER, _NEVER, _NEVER)
