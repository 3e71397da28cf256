"""The plain loop over a Program's steps: what runs first, what traces, and the oracle of every faster way."""

import time

from graphcore.core import errors
from graphcore.session.failure import cause, explain

TIMED_OUT = ("Timed out waiting for notification: the run took longer than RunOptions.timeout_in_ms or "
             "ConfigProto.operation_timeout_in_ms allows.")


def gather(slots, inputs):
    return [[slots[i] for i in item] if isinstance(item, tuple) else slots[item] for item in inputs]


def run_step(step, slots):
    """Run one step whose guards hold; a failure names the op."""
    arguments = gather(slots, step.inputs)
    try:
        result = step.call(*arguments)
    except Exception as error:
        explained = explain(error, step.origin, arguments)
        raise explained from cause(error, explained)
    outputs = step.outputs
    if step.several:
        for slot, value in zip(outputs, result):
            slots[slot] = value
    elif outputs:
        slots[outputs[0]] = result


def holds(guard, slots):
    """Whether a step runs: every condition of its branch has the value it needs."""
    return all(slots[slot] is not None and bool(slots[slot]) is sense for slot, sense in guard)


def interpret(program, feeds, deadline=None, trace=None):
    """Run every step in order and return what was fetched; ``deadline`` is a time.monotonic() value."""
    slots = program.template[:]
    for slot, value in zip(program.feeds, feeds):
        slots[slot] = value
    if trace is None and deadline is None:
        run_moves(program, slots)
    else:
        _run_watched(program.steps, slots, deadline, trace)
    return [None if slot is None else slots[slot] for slot in program.fetches]


def _run_watched(steps, slots, deadline, trace):
    """Run ``steps`` in order over ``slots``; DeadlineExceededError when ``deadline`` has passed after one of them."""
    for step in steps:
        if step.guard and not holds(step.guard, slots):
            continue
        if trace is None:
            run_step(step, slots)
        else:
            with trace.step(step, slots):
                run_step(step, slots)
        if deadline is not None and time.monotonic() > deadline:
            raise errors.DeadlineExceededError(None, None, TIMED_OUT)
        for slot in step.frees:
            slots[slot] = None


def run_moves(program, slots):
    """Run a program's steps over ``slots``, as quickly as Python goes."""
    a = out = None
    try:
        for call, a, b, out, free, free_too in program.moves:
            if b is not None:
                slots[out] = call(slots[a], slots[b])
            elif out is not None:
                slots[out] = call(slots[a])
            elif not a.guard or holds(a.guard, slots):
                _run_unexplained(a, slots)
            slots[free] = slots[free_too] = None
    except Exception as error:
        step = a if out is None else program.step_of(out)
        arguments = gather(slots, step.inputs)
        explained = explain(error, step.origin, arguments)
        raise explained from cause(error, explained)


def _run_unexplained(step, slots):
    """Run one step of any form and empty the slots that nothing needs after it."""
    call, inputs, outputs, several, _, _, frees = step
    result = call(*gather(slots, inputs))
    if several:
        for slot, value in zip(outputs, result):
            slots[slot] = value
    elif outputs:
        slots[outputs[0]] = result
    for slot in frees:
        slots[slot] = None
