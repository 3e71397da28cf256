"""A run in parts: `partial_run_setup` says what will be fed and fetched, each `partial_run` feeds and fetches some of it.

Every part runs all operations that became computable, each once, and keeps their values for the next part.
"""

import numpy as np

from graphcore.core import errors
from graphcore.core.node import Operation, Tensor
from graphcore.session.fetches import Fetches, feed_converter, feed_tensors, finish_copy, finish_fed, key_parts
from graphcore.session.interpreter import run_moves
from graphcore.session.plan import Lowering, Plan, needed_operations
from graphcore.session.program import Program


class PartialRun:
    """The state of one handle."""

    def __init__(self, session, fetches, feeds):
        self.session = session
        elements = Fetches(session.graph, fetches).elements
        self.feeds = feed_tensors(session.graph, key_parts(feeds))
        self._check_declared(elements)
        session._placement.check(elements, self.feeds)
        self.signature = _signature(elements, self.feeds)
        self.waiting = needed_operations(elements, self.feeds)  # operations that have not run yet
        self.unfed = dict.fromkeys(self.feeds)
        self.unfetched = dict.fromkeys(e for e in elements if isinstance(e, Tensor))
        self.declared = set(elements)
        self.lowering = Lowering(self.feeds)
        self.lowering.begin()
        self.values = {}  # value of the plan → array
        self.failed = False

    @property
    def finished(self):
        """Whether nothing can be fetched any more."""
        return self.failed or not self.unfed and not self.unfetched

    def _check_declared(self, elements):
        if not elements:
            raise _invalid("Must specify at least one target to fetch or execute.")
        for number, tensor in enumerate(self.feeds):
            if tensor in self.feeds[:number]:
                raise _invalid(f'Endpoint "{tensor.name}" fed more than once.')
            if tensor in elements:
                raise _invalid(f"{tensor.name} is both fed and fetched.")

    # ------------------------------------------------------------ one part
    def proceed(self, fetches, feed_dict):
        """Feed ``feed_dict``, run what that makes computable, and return ``fetches``."""
        wanted = Fetches(self.session.graph, fetches)
        tensors = feed_tensors(self.session.graph, feed_dict)
        arrays = self._arrays(tensors, feed_dict.values())
        computed = [e for e in wanted.elements if e not in tensors]
        self._check_feeds(tensors)
        self._check_fetches(computed, set(tensors))
        for tensor, array in zip(tensors, arrays):
            self.values[self.lowering.values[tensor]] = array
            del self.unfed[tensor]
        try:
            results = self._run_ready(computed)
        except BaseException:
            self.failed = True
            raise
        for tensor in computed:
            del self.unfetched[tensor]
        results.update((t, finish_fed(a)) for t, a in zip(tensors, arrays))
        return wanted.build([results[e] for e in wanted.elements])

    @staticmethod
    def _arrays(tensors, values):
        with np.errstate(all="ignore"):
            return [feed_converter(tensor)(value) for tensor, value in zip(tensors, values)]

    def _check_feeds(self, tensors):
        for tensor in tensors:
            if tensor not in self.feeds:
                raise _invalid(f"The feed {tensor.name} was not specified in partial_run_setup.")
            if tensor not in self.unfed:
                raise _invalid(f"The feed {tensor.name} has already been fed.")

    def _check_fetches(self, computed, fed_now):
        for fetch in computed:
            if isinstance(fetch, Operation):
                raise RuntimeError(f"partial_run() requires empty target_list. The operation '{fetch.name}' runs by itself, as "
                                   "soon as it can: fetch tensors only.")
            if fetch not in self.declared:
                raise _invalid(f"The fetch {fetch.name} was not specified in partial_run_setup.")
            if fetch not in self.unfetched:
                raise _invalid(f"The fetch {fetch.name} has already been fetched.")
            for tensor in self._unfed_sources(fetch):
                if tensor not in fed_now:
                    raise _invalid(f"Fetch {tensor.name} can't be computed from the feeds that have been fed so far.")

    def _unfed_sources(self, fetch):
        """The feeds still to come that ``fetch`` depends on."""
        waiting, seen, stack = {op._id for op in self.waiting}, set(), [fetch.op]
        while stack:
            op = stack.pop()
            if op._id in seen or op._id not in waiting:
                continue
            seen.add(op._id)
            for tensor in op._inputs:
                if tensor in self.unfed:
                    yield tensor
                elif tensor not in self.feeds:
                    stack.append(tensor.op)
            stack.extend(op._control_inputs)

    def _run_ready(self, fetched):
        """Run every operation whose inputs are there, oldest first; the fetched tensors with their values."""
        lowering, first = self.lowering, len(self.lowering.nodes)
        lowering.reads.clear()  # another run may have written the variables meanwhile
        for op in self._ready():
            lowering.lower_operation(op)
        sources = [lowering.content(tensor) for tensor in fetched]
        kept = tuple(range(lowering.size))  # whatever a later part may want
        plan = Plan(tuple(lowering.nodes[first:]), lowering.constants, (), kept, lowering.size, frozenset(), lowering.names)
        program = Program(plan, self.session._store)
        slots = program.template[:]
        for value, array in self.values.items():
            slots[value] = array
        with np.errstate(all="ignore"):
            run_moves(program, slots)
        self.values = {value: slots[value] for value in kept if slots[value] is not None}
        return {tensor: finish_copy(slots[value]) for tensor, value in zip(fetched, sources)}

    def _ready(self):
        """The operations that can run now, in their order; they do not wait any more."""
        waiting, ready, rest = {op._id for op in self.waiting}, [], []
        for op in self.waiting:
            sources = [t.op for t in op._inputs if t not in self.feeds]
            late = any(t in self.unfed for t in op._inputs) or any(s._id in waiting for s in (*sources, *op._control_inputs))
            (rest if late else ready).append(op)
            if not late:
                waiting.discard(op._id)
        self.waiting = rest
        return ready


def _signature(elements, feeds):
    """How TF writes what a handle is for: feeds, tensors and operations."""
    tensors = ",".join(e.name for e in elements if isinstance(e, Tensor))
    operations = ",".join(e.name for e in elements if isinstance(e, Operation))
    return f"{','.join(t.name for t in feeds)}->{tensors}/{operations}/1/;"


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)
