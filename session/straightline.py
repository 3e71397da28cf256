"""Program → Python source without dispatch: one local per value, one call per line, cut into chunks.

    def run(v0, v1):
        v3 = k0(v0, v1)
        v4 = k1(v3, c2)
        return [v4]

Values that cross from one chunk into another travel in a list.
"""

from graphcore.core import flags
from graphcore.core.quiet import hush, loudness, unhush
from graphcore.session.buffers import target
from graphcore.session.failure import cause, explain
from graphcore.session.kernels.hot import HotCall

_CHUNK = 100  # lines a function


def compile_program(program):
    """A function of the fed arrays that gives the list of fetched values, as `interpret` does."""
    if len(program.steps) > _CHUNK:
        return _chunked(program)
    writer = _Writer(program, program.steps, dict.fromkeys(program.feeds), {}, lines_before=4)
    body = writer.body()
    fetched = ", ".join(_fetched(program, writer, slot) for slot in program.fetches)
    body.append(f"return [{fetched}]")
    writer.namespace.update(explained=lambda error: _explained(error, [writer]), hush=hush, loudness=loudness, unhush=unhush)
    loud = not program.quiet
    source = (f"def run({', '.join(f'v{slot}' for slot in program.feeds)}):\n    {'before = loudness()' if loud else 'pass'}\n"
              f"    try:\n        {'hush()' if loud else 'pass'}\n" + _indented(body, 8) +
              "    except Exception as error:\n        raise explained(error)\n" +
              ("    finally:\n        unhush(before)\n" if loud else ""))
    return writer.compiled(source, "run")


def _indented(lines, width):
    return "".join(f"{' ' * width}{line}\n" for line in lines)


def _chunked(program):
    """A chain of chunks over one list of slots; only what a later chunk needs is stored there."""
    chunks = [program.steps[i:i + _CHUNK] for i in range(0, len(program.steps), _CHUNK)]
    last_chunk = {}
    for number, chunk in enumerate(chunks):
        for step in chunk:
            for slot in _used(step):
                last_chunk[slot] = number
    for slot in program.fetches:
        last_chunk[slot] = len(chunks)
    dying = {}
    for slot, number in last_chunk.items():
        dying.setdefault(number, []).append(slot)
    writers, calls = [], []
    for number, chunk in enumerate(chunks):
        leaving = dict.fromkeys([slot for step in chunk for slot in step.outputs if last_chunk.get(slot, -1) > number])
        writer = _Writer(program, chunk, {}, leaving, dead=dying.get(number, ()), in_chunks=True)
        calls.append(writer.compiled("def chunk(s):\n" + _indented(writer.body() or ["pass"], 4), "chunk"))
        writers.append(writer)
    template, feeds, fetches = program.template, program.feeds, program.fetches

    def run(*values):
        slots = template[:]
        for slot, value in zip(feeds, values):
            slots[slot] = value
        before = loudness()
        try:
            hush()
            for call in calls:
                call(slots)
        except Exception as error:
            explained = _explained(error, writers)
            raise explained from explained.__cause__
        finally:
            unhush(before)
        return [None if slot is None else slots[slot] for slot in fetches]

    return run


def _used(step):
    for item in step.inputs:
        yield from item if isinstance(item, tuple) else (item,)
    for slot, _ in step.guard:
        yield slot


def _fetched(program, writer, slot):
    return "None" if slot is None else writer.use(slot)


class _Writer:
    """Writes the source of one function over some steps."""

    def __init__(self, program, steps, known, leaving, dead=(), lines_before=1, in_chunks=False):
        self.program, self.steps = program, steps
        self.known = known  # slots that are locals by now
        self.leaving, self.dead = leaving, dead
        self.in_chunks = in_chunks  # whether there is a list of slots, ``s``
        self.stored = set()  # slots that were filled at once
        self.namespace = {}
        self.lines = []
        self.lines_before = lines_before
        self.step_of_line = {}

    def use(self, slot):
        """The expression for a slot's value."""
        if slot in self.known:
            return f"v{slot}"
        value = self.program.template[slot]
        if value is not None:
            self.namespace[f"c{slot}"] = value
            return f"c{slot}"
        self.known[slot] = None
        self.lines.append(f"v{slot} = s[{slot}]")
        return f"v{slot}"

    def argument(self, item):
        if isinstance(item, tuple):
            return "[" + ", ".join([self.use(i) for i in item]) + "]"
        return self.use(item)

    def body(self):
        """The lines that run the steps and store what leaves."""
        guarded = [slot for step in self.steps if step.guard for slot in step.outputs]
        self.known.update(dict.fromkeys(guarded))
        if guarded:
            self.lines.append(" = ".join(f"v{slot}" for slot in guarded) + " = None")
        for number, step in enumerate(self.steps):
            self.statement(number, step)
        for slot in self.leaving:
            if slot not in self.stored:
                self.lines.append(f"s[{slot}] = v{slot}")
        for slot in sorted(s for s in self.dead if s is not None and self.program.template[s] is None):
            self.lines.append(f"s[{slot}] = None")
        return self.lines

    def statement(self, number, step):
        arguments = ", ".join([self.argument(i) for i in step.inputs])
        conditions = [f"{self.use(slot)} is not None and {'' if sense else 'not '}{self.use(slot)}" for slot, sense in step.guard]
        left = ", ".join(f"v{slot}" for slot in step.outputs) + ("," if step.several and len(step.outputs) == 1 else "")
        self.namespace[f"k{number}"] = step.call
        if isinstance(step.call, HotCall):
            self.namespace[f"k{number}"] = step.call.used_in(self.namespace, f"k{number}")
        over = target(self.program.plan, step, self.program.overwritable)
        call = f"k{number}({arguments})" if over is None else f"k{number}({arguments}, v{over})"
        outputs = step.outputs
        if self.in_chunks and len(outputs) > _CHUNK and not conditions and outputs == tuple(range(outputs[0], outputs[-1] + 1)):
            # To compile a function Python takes the square of the number of its locals: so many go to the list at once.
            left = f"s[{outputs[0]}:{outputs[-1] + 1}]"
            self.stored.update(outputs)
        else:
            self.known.update(dict.fromkeys(outputs))
        text = f"{left} = {call}" if left else call
        if conditions:
            text = f"if {' and '.join(conditions)}: {text}"
        self.lines.append(text)
        self.step_of_line[len(self.lines) + self.lines_before] = step
        released = [f"v{slot}" for slot in step.frees if slot in self.known and slot not in self.leaving]
        released += [f"s[{slot}]" for slot in step.frees if slot in self.stored]
        if released:
            self.lines.append(" = ".join(released) + " = None")

    def compiled(self, source, name):
        if flags.debug.get() >= 4:
            print(source)
        self.code_name = f"<graphcore program {id(self):x}>"
        exec(compile(source, self.code_name, "exec"), self.namespace)
        return self.namespace[name]


def _explained(error, writers):
    """The error to raise: the line that failed tells the step, the frame its arguments."""
    step, arguments = _failed_step(error.__traceback__, writers)
    if step is None:
        return error
    explained = explain(error, step.origin, arguments)
    explained.__cause__ = cause(error, explained)  # set so, it hides what it was raised in
    return explained


def _failed_step(traceback, writers):
    by_name = {w.code_name: w for w in writers}
    while traceback is not None:
        frame = traceback.tb_frame
        writer = by_name.get(frame.f_code.co_filename)
        if writer is not None:
            step = writer.step_of_line.get(traceback.tb_lineno)
            if step is not None:
                return step, _values(step, frame, writer)
        traceback = traceback.tb_next
    return None, ()


def _values(step, frame, writer):
    def value(slot):
        found = frame.f_locals.get(f"v{slot}")
        return writer.program.template[slot] if found is None else found

    return [[value(i) for i in item] if isinstance(item, tuple) else value(item) for item in step.inputs]
