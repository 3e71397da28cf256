"""``python -m graphcore inspect LOGDIR``: which tags event files have, with their steps and counts."""

import argparse
import os
import sys

from graphcore import proto
from graphcore.core.errors import DataLossError, OpError
from graphcore.summaries.reader import summary_iterator

_KINDS = {"simple_value": "scalars", "histo": "histograms", "image": "images", "audio": "audio"}
_EVENTS = {"graph_def": "graph", "meta_graph_def": "meta graph", "log_message": "log messages"}


class Series:
    """The steps of one tag, in the order they were written."""

    def __init__(self):
        self.count = self.backwards = 0
        self.lowest = self.highest = self._last = None

    def add(self, step):
        """Count a step."""
        self.count += 1
        self.backwards += self._last is not None and step < self._last
        self.lowest = step if self.lowest is None else min(self.lowest, step)
        self.highest = step if self.highest is None else max(self.highest, step)
        self._last = step

    def __str__(self):
        steps = f"step {self.lowest}" if self.lowest == self.highest else f"steps {self.lowest} to {self.highest}"
        back = f", {self.backwards} times a smaller step than before" if self.backwards else ""
        return f"{self.count:>9,}  {steps}{back}"


def main(arguments):
    """Print what is in the event files of a directory, and of those below it."""
    parser = argparse.ArgumentParser(prog="python -m graphcore inspect", description=main.__doc__)
    parser.add_argument("logdir", help="a directory of event files, as given to tf.summary.FileWriter, or one event file")
    logdir = parser.parse_args(arguments).logdir
    if not os.path.exists(logdir):
        parser.exit(1, f"{parser.prog}: there is no {logdir}\n")
    runs = event_files(logdir)
    if not runs:
        parser.exit(1, f"{parser.prog}: no event files (*tfevents*) in {logdir} or below\n")
    return max([_print_run(directory, files) for directory, files in runs.items()])


def event_files(path):
    """{directory: its event files, oldest name first} of a directory and those below it."""
    if not os.path.isdir(path):
        return {os.path.dirname(path) or ".": [path]}
    runs = {}
    for directory, below, names in os.walk(path):
        below.sort()
        files = [os.path.join(directory, name) for name in sorted(names) if "tfevents" in name]
        if files:
            runs[directory] = files
    return runs


def _print_run(directory, files):
    """Print one run; gives 1 if a file of it is damaged."""
    found, plugins, damage, events = {}, {}, [], 0
    for path in files:
        try:
            for event in summary_iterator(path):
                events += 1
                _count(event, found, plugins)
        except (DataLossError, OpError) as error:
            damage.append(f"{path}: {error.message}")
    print(f"{directory}: {len(files)} file{'s' * (len(files) != 1)}, {events:,} events")
    width = max((len(tag) for _, tag in found), default=0)
    for kind, tag in sorted(found):
        print(f"  {kind:14}{tag:{width}}{found[kind, tag]}")
    for text in damage:
        print(f"damaged, read up to there: {text}", file=sys.stderr)
    return int(bool(damage))


def _count(event, found, plugins):
    """Note the kinds and tags of an event."""
    content = event.WhichOneof("what")
    if content == "summary":
        for value in event.summary.value:
            found.setdefault((_kind(value, plugins), value.tag), Series()).add(event.step)
    elif content == "session_log":
        name = proto.SessionLog.SessionStatus.Name(event.session_log.status).lower()
        found.setdefault(("session log", name), Series()).add(event.step)
    elif content == "tagged_run_metadata":
        found.setdefault(("run metadata", event.tagged_run_metadata.tag), Series()).add(event.step)
    elif content in _EVENTS:
        found.setdefault((_EVENTS[content], ""), Series()).add(event.step)


def _kind(value, plugins):
    """What a value is; only the first of a tag says which plugin shows it."""
    if value.metadata.plugin_data.plugin_name:
        plugins[value.tag] = value.metadata.plugin_data.plugin_name
    return plugins.get(value.tag) or _KINDS.get(value.WhichOneof("value"), "tensors")
