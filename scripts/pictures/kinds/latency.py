"""How long tasks' requests took: percentile curves, on an axis on which 99 % lies as far behind 90 % as 99.9 % behind 99 %."""
import math

from matplotlib.ticker import LogLocator

from .. import palette, style
from ..record import Cell

SUMMARY = "percentile curves of the latencies that tasks observed"
HEIGHT = 2.4  # inches
_TICKS = ((0, "0"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"), (0.99999, "99.999 %"))


def _sections(record):
    return record.sections(Cell.latencies)


def lacks(record):
    return None if _sections(record) else "latencies (workloads such as echo, http and request observe them)"


def suits(record):
    return len(_sections(record)) == len(record.sections())


def _curve(latencies):
    """Where each bucket lies, in nines (1: 90 %), with its latency (ns); the last one is the longest observed."""
    total = sum(count for _, count in latencies)
    below, x, y = 0, [], []
    for start, count in latencies:
        x.append(-math.log10(1 - below / total))
        y.append(max(start, 1))
        below += count
    x.append(math.log10(total))
    y.append(y[-1])
    return x, y


def _draw_section(axes, rows):
    lasts, ends, widths = [], [], sorted({cell.workers for cell in rows})
    for cell in rows:
        look = palette.look(cell.executor)
        x, y = _curve(cell.latencies())
        axes.step(x, y, where="post", color=look.colour, linewidth=0.9 + 1.2 * widths.index(cell.workers) / len(widths),
                  linestyle="--" if cell.executor.startswith("py.") else "-")
        ends.append((math.log10(y[-1]), cell.label, look.colour))
        lasts.append(x[-1])
    axes.set_yscale("log")
    ticks = [(-math.log10(1 - share), text) for share, text in _TICKS]
    ticks = [tick for tick in ticks if tick[0] <= max(lasts)]
    axes.set_xticks([at for at, _ in ticks], [text for _, text in ticks])
    axes.set_xlim(0, max(lasts))
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1,) if high > 100 * low else (1, 2, 5) if high > 6 * low else range(1, 10)))
    axes.yaxis.set_major_formatter(lambda ns, _: style.duration(ns).replace(".00", "").replace(".0", ""))
    axes.yaxis.set_minor_formatter(lambda ns, _: "")
    axes.grid(axis="both")
    axes.set_xlabel("share of requests that took at most so long")
    _name_curves(axes, sorted(ends))


def _name_curves(axes, ends):
    low, high = (math.log10(y) for y in axes.get_ylim())
    distance = 11 / 72 / HEIGHT * (high - low)
    for (_, name, colour), at in zip(ends, style.spread([end[0] for end in ends], distance)):
        axes.annotate(style.short(name), (1, 10**at), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                      va="center", fontsize=8.5, color=colour, annotation_clip=False)


def draw(record):
    sections = _sections(record)
    figure, all_axes = style.new_figure([style.Section(HEIGHT, name, record.finding(name)) for name, _ in sections])
    for axes, (_, rows) in zip(all_axes, sections):
        _draw_section(axes, rows)
    return figure
