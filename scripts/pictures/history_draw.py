"""Histories as a picture: of each workload on each machine a panel per row, over the commits in the order of time. A point is a
measurement with its 95 % interval, a thick line the level between two steps, a dotted one a step with its size."""
import math

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from . import palette, style

COLUMNS = 2
PANEL, HEAD, FOOT = 1.15, 0.42, 0.62  # inches: of a panel; of a title; of the names of commits
MOST_NAMES = 14       # of commits below a panel
LEAST_REACH = 0.02    # of the axis, as a share, to either side
NAME_COLUMNS = 13     # of a commit's name
FOOTER = ("Time of a task over that of the reference row in the same rounds, as a change from the first level; of rows that wait, time "
          "alone. Bars: 95 %.")


def _sections(pairs):
    """(machine, workload, lines)"""
    for machine, lines in pairs:
        for workload in dict.fromkeys(line.workload for line in lines):
            yield machine, workload, [line for line in lines if line.workload == workload]


def _change(line, value):
    """Of a logarithm, in per cent of the first level."""
    return 100 * math.expm1(value - line.found.levels[0])


def _finding(lines, moment):
    """What the title says."""
    steps = [(step, line) for line in lines for step in line.found.steps]
    if not steps:
        known = [line for line in lines if math.isfinite(line.found.least)]
        return "no step" if len(known) == len(lines) else "too few measurements for steps"
    step, line = max(steps, key=lambda pair: (pair[1].points[pair[0].at].record, abs(math.log1p(pair[0].change))))  # the newest
    record = line.machine.records[line.points[step.at].record]
    amount = "more" if step.change > 0 else "less"
    text = f"{line.label} takes {style.percent(abs(step.change))} {amount} time since {moment(record)}"
    return text + (f", and {len(steps) - 1} more step{'' if len(steps) == 2 else 's'}" if len(steps) > 1 else "")


def _reach(lines):
    """Of the axis that all panels of a section share, in per cent. Intervals may go beyond it."""
    values = [_change(line, point.value) for line in lines for point in line.points]
    ends = [_change(line, end) for line in lines for p in line.points for end in (p.low, p.high) if math.isfinite(end)]
    low, high = min(values + [-100 * LEAST_REACH]), max(values + [100 * LEAST_REACH])
    room = high - low
    low, high = max(low - room, min([low, *ends])), min(high + room, max([high, *ends]))
    return low - 0.06 * (high - low), high + 0.22 * (high - low)  # above: what a step is called


def _draw_steps(axes, line):
    places = blended_transform_factory(axes.transData, axes.transAxes)
    for number, step in enumerate(line.found.steps):
        x = (line.points[step.at - 1].record + line.points[step.at].record) / 2
        colour = palette.BAD if step.change > 0 else palette.GOOD
        axes.axvline(x, color=colour, linewidth=1, linestyle=":")
        late = x > 0.6 * (len(line.machine.records) - 1)
        axes.annotate(style.percent(step.change, signed=True), (x, 0.97 - 0.15 * (number % 2)), xycoords=places, xytext=(-3 if late else 3, 0),
                      textcoords="offset points", ha="right" if late else "left", va="top", fontsize=8, color=colour, weight="bold")


def _draw_levels(axes, line):
    cuts = [0, *(step.at for step in line.found.steps), len(line.points)]
    for level, first, end in zip(line.found.levels, cuts, cuts[1:]):
        x = [line.points[first].record - 0.4, line.points[end - 1].record + 0.4]
        axes.plot(x, [_change(line, level)] * 2, color=palette.INK, linewidth=1.1, alpha=0.75, solid_capstyle="butt")


def _draw_points(axes, figure, line, moment):
    look = palette.look(line.executor)
    x = [point.record for point in line.points]
    y = [_change(line, point.value) for point in line.points]
    axes.plot(x, y, color=look.colour, linewidth=0.6, alpha=0.5)
    for at, point in zip(x, line.points):
        if math.isfinite(point.low):
            axes.plot([at, at], [_change(line, point.low), _change(line, point.high)], color=look.colour, linewidth=1.8, alpha=0.45,
                      solid_capstyle="butt")
    points = axes.scatter(x, y, s=14, color=look.colour, marker=look.mark if look.mark != "|" else "o", linewidths=0, zorder=3)
    style.name_points(figure, points, [_said(line, point, change, moment) for point, change in zip(line.points, y)])


def _said(line, point, change, moment):
    record = line.machine.records[point.record]
    return f"{line.label}, {moment(record)}, {record.started[:10]}: {change:+.1f} %, {style.duration(point.ns)} a task"


def _name_commits(axes, machine, moment, lines):
    """Those that brought steps, and of the others as many as there is room for."""
    count = len(machine.records)
    every = math.ceil(count / MOST_NAMES)
    ticks = {line.points[step.at].record for line in lines for step in line.found.steps}
    for at in range(count - 1, -1, -every):
        if all(abs(at - tick) >= every for tick in ticks):
            ticks.add(at)
    ticks = sorted(ticks)
    axes.set_xticks(ticks, [moment(machine.records[at])[:NAME_COLUMNS] for at in ticks])


def _draw_panel(axes, figure, line, moment):
    axes.axhline(0, color=palette.GRID, linewidth=0.8)
    _draw_points(axes, figure, line, moment)
    _draw_levels(axes, line)
    _draw_steps(axes, line)
    axes.set_title(style.short(line.label, 36), loc="left", fontsize=8.5, weight="normal", pad=3)
    axes.set_xlim(-0.7, len(line.machine.records) - 0.3)
    axes.tick_params(axis="both", length=2, labelsize=7.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:+.3g} %" if y else "0 %")


def _draw_section(part, figure, machine, workload, lines, several, moment):
    rows = math.ceil(len(lines) / COLUMNS)
    grid = part.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True)
    for axes, line in zip(grid.flat, lines):
        _draw_panel(axes, figure, line, moment)
    for axes in list(grid.flat)[len(lines):]:
        axes.set_visible(False)
    grid[0, 0].set_ylim(_reach(lines))
    _name_commits(grid[0, 0], machine, moment, lines)
    for axes in grid[-1]:
        axes.tick_params(axis="x", labelbottom=True, labelsize=6.5, rotation=60)
        for name in axes.get_xticklabels():
            name.set(ha="right", rotation_mode="anchor")
    text = f"{workload}: {_finding(lines, moment)}" + (f" ({machine.name})" if several else "")
    part.suptitle(style.wrapped(text), x=0.01, ha="left", fontsize=9.5, weight="bold")
    figure.findings.append(text)


def draw(pairs, moment):
    """The figure. `moment` names a record."""
    sections = list(_sections(pairs))
    heights = [HEAD + FOOT + PANEL * math.ceil(len(lines) / COLUMNS) for _, _, lines in sections]
    figure = Figure(figsize=(style.WIDTH, sum(heights) + 0.4), layout="constrained")
    figure.points, figure.findings = {}, []
    parts = figure.subfigures(len(sections), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, (machine, workload, lines) in zip(parts, sections):
        part.set_facecolor(palette.PAPER)
        _draw_section(part, figure, machine, workload, lines, len(pairs) > 1, moment)
    style.footer(figure, FOOTER)
    return figure
