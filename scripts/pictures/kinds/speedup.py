"""Speedup over workers: a line per executor with its 95 % interval as a band, what the machine can give, and the law that was
fitted (docs/scaling.md). Where tasks come at a rate of their own, the share of them that is kept up with."""
import math

import numpy as np

from .. import palette, style
from ..record import shown_executor

SUMMARY = "lines of speedup over workers, with what is possible and the fitted law"
HEIGHT = 2.6  # inches
ENOUGH = 3  # widths that make a line worth drawing

# What is drawn over workers: the member of the summary, what it is called, and where it ends; the first that is known.
_MEASURES = (
    ("speedup", "speedup", None),
    ("kept", "share of offered tasks done", 1.0),
    ("throughput_per_s", "tasks per second", None),
)


def _lines(rows):
    """Executor -> its measured rows by ascending width."""
    lines = {}
    for cell in rows:
        if cell.samples and (cell.workers > 1 or not cell.is_serial):
            lines.setdefault((cell.executor, cell.placement["policy"], cell.side), []).append(cell)
    return {key: sorted(cells, key=lambda c: c.workers) for key, cells in lines.items()}


def _widths(rows):
    return sorted({cell.workers for cells in _lines(rows).values() for cell in cells})


def _sections(record):
    return [(name, rows) for name, rows in record.sections() if len(_widths(rows)) > 1]


def lacks(record):
    return None if _sections(record) else "more than one width (-n 1,2,4)"


def suits(record):
    sections = record.sections()
    return sum(len(_widths(rows)) >= ENOUGH for _, rows in sections) * 2 > len(sections)


def _measure(rows):
    offered = any(math.isfinite(cell.estimate("kept").value) for cell in rows)
    for row in _MEASURES[1:] if offered else _MEASURES:
        if any(math.isfinite(c.estimate(row[0]).value) for cells in _lines(rows).values() for c in cells):
            return row
    return _MEASURES[-1]


def _line_name(key, keys):
    executor, policy, side = key
    words = [shown_executor(executor)]
    if len({k[1] for k in keys if k[0] == executor}) > 1:
        words.append(policy)
    if side:
        words.append(side)
    return " ".join(words)


def _draw_line(axes, cells, member, dash):
    look = palette.look(cells[0].executor)
    cells = [cell for cell in cells if math.isfinite(cell.estimate(member).value)]
    estimates = [cell.estimate(member) for cell in cells]
    x = [cell.workers for cell in cells]
    axes.fill_between(x, [e.low for e in estimates], [e.high for e in estimates], color=look.colour, alpha=0.2, linewidth=0)
    axes.plot(x, [e.value for e in estimates], color=look.colour, linewidth=1.6, linestyle=dash)
    points = axes.scatter(x, [e.value for e in estimates], s=26, marker=look.mark, color=look.colour, zorder=3,
                          linewidths=1.4 if look.mark == "|" else 0,
                          clip_on=False)
    style.name_points(axes.figure, points, [
        f"{c.label}: {style.digits(e.value)}{'x' if member == 'speedup' else ''}"
        + (f" ({style.digits(e.low)} to {style.digits(e.high)})" if math.isfinite(e.low) else "")
        + (f", {c.verdict}" if c.verdict else "") for c, e in zip(cells, estimates)])


def _draw_possible(axes, rows):
    known = {c.workers: c.estimate("possible").value for c in rows if math.isfinite(c.estimate("possible").value)}
    if not known:
        return
    known.setdefault(1, 1.0)
    x = sorted(known)
    axes.plot(x, [known[n] for n in x], color=palette.FAINT, linewidth=1.2, linestyle=(0, (5, 3)), zorder=1)
    axes.annotate("possible", (x[-1], known[x[-1]]), xytext=(-4, 5), textcoords="offset points", ha="right", fontsize=8.5,
                  color=palette.FAINT)


def _draw_laws(axes, record, lines):
    """The fitted curves, from one worker to the width that is predicted. Returns where they end: by a line's first row, the
    width and the speedup."""
    ends = {}
    for law in record.laws:
        cells = next((cells for cells in lines.values() if any(c.id == law["cell"] for c in cells)), None)
        if not cells or not law["law"] or law["weak"]:
            continue
        first, last = cells[0], law["predicted"] or law["widest"]
        base = first.estimate("throughput_per_s").value / first.estimate("speedup").value  # in tasks per second
        if not math.isfinite(base):
            continue
        n = np.linspace(1, last, 200)
        one, a, b = law["one_per_s"]["value"], law["a"]["value"], law["b"]["value"] or 0
        speedup = one / base * n / (1 + a * (n - 1) + b * n * (n - 1))
        axes.plot(n, speedup, color=palette.look(first.executor).colour, linewidth=1, linestyle=":")
        ends[first.id] = last, speedup[-1]
    return ends


def _name_lines(axes, ends):
    """Names behind the lines' right ends, moved apart where they would overlap."""
    ends = sorted(ends)
    low, high = axes.get_ylim()
    distance = 11 / 72 / HEIGHT * (high - low)  # of two lines of text, in data
    for (y, name, colour), at in zip(ends, style.spread([end[0] for end in ends], distance)):
        axes.annotate(style.short(name), (1, at), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points", va="center",
                      fontsize=8.5, color=colour, annotation_clip=False)


def _draw_section(axes, record, rows):
    lines = _lines(rows)
    member, label, top = _measure(rows)
    laws = _draw_laws(axes, record, lines) if member == "speedup" else {}
    ends, dashes = [], {}
    for key, cells in lines.items():
        dash = dashes[key[0].split(":")[0]] = dashes.get(key[0].split(":")[0], -1) + 1
        _draw_line(axes, cells, member, ("-", (0, (4, 2)), (0, (1, 1.5)))[dash % 3])
        last = laws.get(cells[0].id, (0, cells[-1].estimate(member).value))[1]
        if math.isfinite(last):
            ends.append((last, _line_name(key, lines), palette.look(key[0]).colour))
    widths = sorted({*_widths(rows), *(width for width, _ in laws.values())})
    if member == "speedup":
        _draw_possible(axes, rows)
    if widths[-1] >= 16:
        axes.set_xscale("log", base=2)
    axes.set_xticks(widths, [str(n) for n in widths])
    axes.minorticks_off()
    axes.set_ylim(0, (top or axes.get_ylim()[1]) * 1.05)
    axes.set_xlim(widths[0], widths[-1])
    axes.grid(axis="y")
    axes.set_xlabel("workers" if all(c.bound == "cpu" for c in rows) else "tasks at once")
    axes.set_ylabel(label)
    _name_lines(axes, ends)


def draw(record):
    sections = _sections(record)
    figure, all_axes = style.new_figure([style.Section(HEIGHT, name, record.finding(name)) for name, _ in sections])
    for axes, (_, rows) in zip(all_axes, sections):
        _draw_section(axes, record, rows)
    return figure
