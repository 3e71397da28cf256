"""The table and the chart of the benchmarks page, from what ``benchmarks/run.py`` wrote into ``docs/benchmarks.json``."""

import json
import math
from pathlib import Path

RESULTS = Path(__file__).with_name("benchmarks.json")
# What each program is to reach, as TensorFlow's time divided by ours.
GOALS = {
    "run_overhead/scalar": 60, "run_overhead/scalar_callable": 100, "run_overhead/fetch10": 25, "linreg/walkthrough": 30,
    "linreg/multireg": 20, "logreg_mnist/sgd": 6, "mlp/256_sgd": 1.4, "mlp/256_adam": 1.8, "mlp/big_sgd": 0.9, "gemm/1024": 1.0,
    "elementwise_chain/fwd": 1.7, "elementwise_chain/grad": 3, "conv_lenet/sgd": 1.0, "embedding_sgns/sgd": 10,
    "state_ops/assign_chain": 5, "state_ops/assign_group": 3, "wide_graph/chain10k.construct": 50,
    "wide_graph/chain10k.first_run": 20, "wide_graph/chain10k.run": 1.5, "wide_graph/tree10k.construct": 50,
    "wide_graph/tree10k.first_run": 20, "wide_graph/tree10k.run": 1.5, "wide_graph/chain100k.construct": 50,
    "wide_graph/chain100k.first_run": 20, "wide_graph/chain100k.run": 1.5, "summaries/scalars20": 1.5,
    "summaries/scalars20_hist5": 4, "cold_start/import.wall": 10, "cold_start/full.wall": 10, "cold_start/full.rss_mb": 6,
    "lstm/unrolled": 1.5,
}
FURTHER = ("TensorFlow 2", "one thread", "by hand", "interpreter")  # columns that are there where a row has them
LIMITS = ("numpy", "numba")
_WIDTH, _LEFT, _LINE = 860, 250, 20
_GOOD, _SHORT, _GOAL = "#5b8c5a", "#c0704d", "#333344"


class Row:
    """A figure of a program: their time (or None) and ours (or megabytes), the median of the rounds' ratios, the goal or None.

    ``others`` are the cells of the further columns, by their heads.
    """

    def __init__(self, label, unit, theirs, ours, ratio, others=()):
        self.label, self.unit, self.theirs, self.ours, self.ratio, self.others = label, unit, theirs, ours, ratio, dict(others)
        self.goal = GOALS.get(label)

    @property
    def is_reached(self):
        return self.goal is None or self.ratio is None or self.ratio >= self.goal


def files():
    """{file: text} of what the page includes."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = rows_of(results)
    return {"benchmarks.inc": table(results, rows), "benchmarks.svg": chart(rows)}


def rows_of(results):
    """The rows of all our figures; what TensorFlow does not have, or was not waited for, has no ratio."""
    theirs, ours = results["backends"][:2]
    rows = []
    for program, entry in results["results"].items():
        there, here = entry["backends"].get(theirs, {}), entry["backends"][ours]
        for metric, value in here.get("value", {}).items():
            label = program if metric == "step" else f"{program}.{metric}"
            unit = "MB" if metric == "rss_mb" else entry["unit"]
            others = further(results, program, metric, unit)
            rows.append(Row(label, unit, there.get("value", {}).get(metric), value, here.get("ratio", {}).get(metric), others))
    return rows


def further(results, program, metric, unit):
    """{head: cell} of what else was measured: ratios of TensorFlow 2 and at one thread, and times of what does without a graph."""
    backends, ours = results["results"][program]["backends"], results["backends"][1]
    value = {name: found["value"][metric] for name, found in backends.items() if metric in found.get("value", {})}
    found = {}
    if "TensorFlow 2" in value:
        found["TensorFlow 2"] = times(value["TensorFlow 2"] / value[ours])
    single = results.get("one_thread", {}).get(program, {}).get("backends", {}).get(ours, {}).get("ratio", {})
    if metric in single:
        found["one thread"] = times(single[metric])
    by_hand = [value[name] for name in LIMITS if name in value]
    if by_hand:
        found["by hand"] = amount(min(by_hand), unit)
    if "plain" in value:
        found["interpreter"] = amount(value["plain"], unit)
    return found


def table(results, rows):
    """The table, as Markdown."""
    about = f"Medians of {results['rounds']} interleaved rounds."
    if "machine" in results:
        machine = results["machine"]
        about += f" {machine['system']}, {machine['processor']}, {machine['cpus']} logical CPUs."
    versions = [results.get("versions", {}).get(name) for name in (results["backends"][0], "TensorFlow 2")]
    if any(versions):
        about += f" TensorFlow {' and '.join(filter(None, versions))}."
    heads = [head for head in FURTHER if any(head in row.others for row in rows)]
    lines = [about, "", "| program | TensorFlow | graphcore | ratio | goal | |" + "".join(f" {head} |" for head in heads),
             "| --- | ---: | ---: | ---: | ---: | --- |" + " ---: |" * len(heads)]
    for row in rows:
        goal = "" if row.goal is None else f"{row.goal}×"
        cells = [row.label, amount(row.theirs, row.unit), amount(row.ours, row.unit), times(row.ratio), goal,
                 "" if row.is_reached else "not reached", *[row.others.get(head, "") for head in heads]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def amount(value, unit):
    """Seconds, or megabytes, in a unit that suits them; nothing for None."""
    if value is None:
        return ""
    if unit == "MB":
        return f"{value:.0f} MB"
    size, name = next(((size, name) for size, name in ((1, "s"), (1e-3, "ms")) if value >= size), (1e-6, "µs"))
    return f"{value / size:.3g} {name}"


def times(ratio):
    if ratio is None:
        return ""
    return f"{ratio:.0f}×" if ratio >= 100 else f"{ratio:.1f}×" if ratio >= 10 else f"{ratio:.2f}×"


# ---------------------------------------------------------------- the chart


def chart(rows):
    """Bars of the ratios on a logarithmic axis, with a mark at each goal."""
    rows = [row for row in rows if row.ratio is not None]
    values = [value for row in rows for value in (row.ratio, row.goal) if value]
    low, high = math.floor(math.log10(min([1.0, *values]))), math.ceil(math.log10(max([10.0, *values])))

    def place(ratio):
        return _LEFT + (math.log10(ratio) - low) / (high - low) * (_WIDTH - _LEFT - 60)

    height = _LINE * len(rows) + 50
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
             'font-family="sans-serif" font-size="12">', "<title>TensorFlow's time divided by graphcore's</title>"]
    for power in range(low, high + 1):
        x = place(10.0 ** power)
        parts.append(f'<path d="M{x:.1f} 10V{height - 30}" stroke="{"#888" if power == 0 else "#ddd"}"/>'
                     f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle" fill="#555">{10.0 ** power:g}×</text>')
    for number, row in enumerate(rows):
        parts.append(_bar(row, 14 + number * _LINE, place))
    return "\n".join([*parts, "</svg>", ""])


def _bar(row, y, place):
    start, end = sorted((place(1.0), place(row.ratio)))
    beside = place(row.goal) if row.goal is not None and 0 < place(row.goal) - end < 45 else end  # not where the mark is
    bar = (f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end" fill="#222">{row.label}</text>'
           f'<rect x="{start:.1f}" y="{y}" width="{max(end - start, 1):.1f}" height="{_LINE - 6}" '
           f'fill="{_GOOD if row.is_reached else _SHORT}"/>'
           f'<text x="{beside + 5:.1f}" y="{y + 11}" fill="#222">{times(row.ratio)}</text>')
    if row.goal is None:
        return bar
    return f'{bar}<path d="M{place(row.goal):.1f} {y - 2}v{_LINE - 2}" stroke="{_GOAL}" stroke-width="2"/>'
