"""How long a repetition takes under each executor: a bar to the median, its 95 % interval, and each sample as a point, the
first round uppermost, so that drift shows."""
import math

import numpy as np

from .. import palette, style

SUMMARY = "bars of time per row, with intervals and every sample"
ROW = 0.27  # inches


def _is_measured(cell):
    return bool(cell.samples) and math.isfinite(cell.estimate("time_ns").value)


def _sections(record):
    """Rows that were not measured are told, but make no section."""
    return [(name, rows) for name, rows in record.sections() if any(map(_is_measured, rows))]


def lacks(record):
    return None if _sections(record) else "a row that was measured"


def suits(record):
    return True


def _remark(cell):
    """What stands behind the bar."""
    speedup = cell.estimate("speedup")
    words = []
    if cell.base is not None and math.isfinite(speedup.value):
        words.append(f"{speedup.value:.2f}x")
    if cell.verdict:
        words.append(cell.verdict)
    return style.short(" ".join(words), 36)


def _draw_row(axes, y, cell, unit, limit):
    look = palette.look(cell.executor)
    time = cell.estimate("time_ns")
    axes.barh(y, time.value / unit, height=0.74, color=look.colour, alpha=0.32, hatch=look.hatch, edgecolor=look.colour,
              linewidth=0)
    times = np.array(cell.times_ns, float)
    across = np.linspace(-0.28, 0.28, len(times)) if len(times) > 1 else np.zeros(1)
    points = axes.scatter(np.minimum(times, limit) / unit, y + across, s=7, color=look.colour, alpha=0.75, linewidths=0, zorder=3)
    style.name_points(axes.figure, points, [
        f"{cell.label}, round {sample['round']}: {style.duration(t)}" for sample, t in zip(cell.samples, times)])
    if math.isfinite(time.low):
        axes.plot([time.low / unit, time.high / unit], [y, y], color=palette.INK, linewidth=1.6, solid_capstyle="butt", zorder=4)
    axes.plot([time.value / unit] * 2, [y - 0.37, y + 0.37], color=palette.INK, linewidth=1.6, zorder=4)


def _limit(rows):
    """Where the axis ends: at the last sample, unless that is far out."""
    medians = [cell.estimate("time_ns").value for cell in rows]
    last = max(max(cell.times_ns) for cell in rows)
    return min(last, 1.6 * max(medians))


def _draw_section(axes, rows):
    measured = [cell for cell in rows if _is_measured(cell)]
    limit = _limit(measured)
    unit, unit_name = style.time_unit(limit)
    beyond = sum(t > limit for cell in measured for t in cell.times_ns)
    for y, cell in enumerate(rows):
        if cell not in measured:
            axes.text(0, y, f" {cell.state}", va="center", fontsize=8.5, color=palette.BAD)
            continue
        _draw_row(axes, y, cell, unit, limit)
        axes.annotate(_remark(cell), (1, y), xycoords=("axes fraction", "data"), va="center", ha="left", fontsize=8.5,
                      xytext=(4, 0), textcoords="offset points", annotation_clip=False)
    axes.set_yticks(range(len(rows)), [style.short(cell.label) for cell in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlim(0, limit / unit * 1.02)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    note = f"; {beyond} beyond the right edge stand at it" if beyond else ""
    axes.set_xlabel(f"one repetition of {measured[0].tasks} tasks ({unit_name}){note}")


def draw(record):
    sections = _sections(record)
    figure, all_axes = style.new_figure([
        style.Section(ROW * len(rows), name, record.finding(name)) for name, rows in sections])
    for axes, (_, rows) in zip(all_axes, sections):
        _draw_section(axes, rows)
    return figure
