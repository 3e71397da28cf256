"""Several devices at work: each runs its own steps of a Program in order, waiting where it needs another's results.

What comes out is what the plain loop over the steps gives: a step waits for the values it takes, and steps with
effects keep their order across all devices.
"""

import contextlib
import threading
import time

import numpy as np

from graphcore.core import errors
from graphcore.session.interpreter import TIMED_OUT, holds, run_step
from graphcore.session.plan import Read

_worker = threading.local()  # `.is_one`: whether this thread runs the steps of a device


class Workers:
    """One thread for each device of a session, made when first needed; ``at_once`` of them are at a step at the same time (0: all)."""

    def __init__(self, count, at_once=0):
        self._count = count
        # Who waits for another device's results does not keep a third from working.
        self.turn = threading.Semaphore(at_once) if 0 < at_once < count else contextlib.nullcontext()
        self._pools = []
        self._lock = threading.Lock()

    def start(self, run):
        """Have every device do its part of ``run``; the futures."""
        # Under one lock, so that all devices get the runs in the same order: no two can wait for each other.
        with self._lock:
            if not self._pools:
                from concurrent.futures import ThreadPoolExecutor  # most sessions have one device and need none

                self._pools = [ThreadPoolExecutor(1, f"graphcore-cpu{i}") for i in range(self._count)]
            return [self._pools[device].submit(run.work, device) for device in run.schedule.devices]

    def close(self):
        """Let the threads end when they have done what they were given."""
        for pool in self._pools:
            pool.shutdown(wait=False)
        self._pools = []


class Schedule:
    """Which device does which step of a Program, and the steps of other devices that each has to wait for."""

    def __init__(self, program, numbers):
        self.program = program
        self.numbers = numbers
        self.devices = sorted(set(numbers))
        before = _steps_before(program)
        self.waits = [tuple(b for b in before[i] if numbers[b] != numbers[i]) for i in range(len(numbers))]
        self.awaited = {b for waits in self.waits for b in waits}
        self.uses = {}  # slot → how many steps take it, for the slots that may be emptied
        self.takes = []
        freed = {slot for step in program.steps for slot in step.frees}
        for step in program.steps:
            taken = [slot for slot in dict.fromkeys(_slots(step)) if slot in freed]
            self.takes.append(taken)
            for slot in taken:
                self.uses[slot] = self.uses.get(slot, 0) + 1

    def steps_of(self, device):
        return [i for i, number in enumerate(self.numbers) if number == device]


def _slots(step):
    for item in step.inputs:
        yield from item if isinstance(item, tuple) else (item,)
    for slot, _ in step.guard:
        yield slot


def _steps_before(program):
    """For each step the earlier ones it depends on: makers of its inputs, and effects that come before its own."""
    makers, before = {}, []
    effect, reads = None, []  # the last step with effects, and what read variables since
    for number, (step, node) in enumerate(zip(program.steps, program.plan.nodes)):
        needed = {makers[slot] for slot in _slots(step) if slot in makers}
        if node.op.stateful:
            if effect is not None:
                needed.add(effect)
            if node.op is Read:
                reads.append(number)
            else:
                needed.update(reads)
                effect, reads = number, []
        before.append(sorted(needed))
        makers.update(dict.fromkeys(step.outputs, number))
    return before


class _ParallelRun:
    """One run over several devices."""

    def __init__(self, schedule, turn, feeds, deadline, trace):
        self.schedule, self.turn, self.deadline, self.trace = schedule, turn, deadline, trace
        program = schedule.program
        self.slots = program.template[:]
        for slot, value in zip(program.feeds, feeds):
            self.slots[slot] = value
        self.done = set()
        self.uses = dict(schedule.uses)
        self.failed, self.error = len(program.steps), None  # the first step, in their order, that failed
        self.changed = threading.Condition()

    def work(self, device):
        """Do the steps of one device."""
        _worker.is_one = True
        with np.errstate(all="ignore"):
            for number in self.schedule.steps_of(device):
                if not self._wait_for(self.schedule.waits[number], number):
                    return
                try:
                    self._do(number, device)
                except BaseException as error:
                    self.fail(number, error)
                    return

    def _wait_for(self, steps, number):
        """Wait for the steps of other devices; False if the run failed before step ``number``."""
        if self.failed < number:
            return False
        if steps:
            with self.changed:
                self.changed.wait_for(lambda: self.failed < number or self.done.issuperset(steps))
        return self.failed > number

    def _do(self, number, device):
        step, slots = self.schedule.program.steps[number], self.slots
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise errors.DeadlineExceededError(None, step.origin, TIMED_OUT)
        if not step.guard or holds(step.guard, slots):
            with self.turn, contextlib.nullcontext() if self.trace is None else self.trace.step(step, slots, device):
                run_step(step, slots)
        with self.changed:
            self._release(number)
            if number in self.schedule.awaited:
                self.done.add(number)
                self.changed.notify_all()

    def _release(self, number):
        for slot in self.schedule.takes[number]:
            self.uses[slot] -= 1
            if not self.uses[slot]:
                self.slots[slot] = None

    def fail(self, number, error):
        """Note that step ``number`` failed: what comes after it is not done any more, what comes before still is."""
        with self.changed:
            if number < self.failed:
                self.failed, self.error = number, error
            self.changed.notify_all()


def run_in_parallel(schedule, workers, feeds, deadline=None, trace=None):
    """What `interpret` gives, with every device of ``schedule`` at work in its own thread."""
    run = _ParallelRun(schedule, workers.turn, feeds, deadline, trace)
    if getattr(_worker, "is_one", False):
        # A Python function in the graph runs a session: its thread is busy, it does the other devices' steps too, all in its own turn.
        run.turn = contextlib.nullcontext()
        _alone(run)
    else:
        futures = workers.start(run)
        try:
            for future in futures:
                future.result()
        except BaseException as error:  # the user's Ctrl-C: the workers stop at their next step
            run.fail(-1, error)
            raise
    if run.error is not None:
        raise run.error
    return [None if slot is None else run.slots[slot] for slot in schedule.program.fetches]


def _alone(run):
    for number, device in enumerate(run.schedule.numbers):
        run._do(number, device)
