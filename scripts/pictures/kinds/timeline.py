"""What workers did in the repetition that `--trace` recorded: a lane for each, full where a task was being computed, a thin line
where it waited. Lanes of all rows share one axis, so what takes longer is longer."""
import numpy as np

from .. import palette, style

SUMMARY = "lanes of workers with their tasks and waits, from a trace (--trace)"
LANE, LEGEND = 0.2, 0.4  # inches
MOST_LANES = 16        # of one row that are drawn
MOST_SPANS = 600       # of one lane that are drawn each; more are gathered into columns
COLUMNS = 1200         # about two per pixel of a small picture
WAITS = {"gil": palette.FAINT, "io": palette.SPENT["io"]}


def _traced(record):
    return [cell for _, rows in record.sections(lambda cell: cell.data.get("spans")) for cell in rows]


def lacks(record):
    return None if _traced(record) else "spans (bench --trace -o FILE)"


def suits(record):
    return True


# ---- Intervals: arrays of [start, end) in ns, ascending ----


def union(intervals):
    """Intervals that may overlap, as ones that do not."""
    out = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


def without(intervals, holes):
    """What is left of `intervals` outside `holes`; of both, none overlaps another of its kind."""
    out, holes, i = [], sorted(holes), 0
    for start, end in sorted(intervals):
        while i < len(holes) and holes[i][1] <= start:
            i += 1
        k = i
        while k < len(holes) and holes[k][0] < end:
            if holes[k][0] > start:
                out.append([start, holes[k][0]])
            start = max(start, holes[k][1])
            k += 1
        if start < end:
            out.append([start, end])
    return out


def total(intervals):
    return sum(end - start for start, end in intervals)


def gathered(intervals, end):
    """Many intervals as few: columns of which at least half is covered, neighbours joined."""
    if len(intervals) <= MOST_SPANS:
        return intervals
    edges = np.linspace(0, end, COLUMNS + 1)
    starts, ends = np.array(intervals, float).T
    before = np.concatenate([[0], np.cumsum(ends - starts)])
    last = np.searchsorted(starts, edges, "right") - 1  # the one that begins at or before each edge; -1: none does
    covered = np.where(last < 0, 0, before[last] + np.minimum(edges, ends[last]) - starts[last])
    full = np.diff(covered) >= 0.5 * np.diff(edges)
    return union([[edges[i], edges[i + 1]] for i in np.flatnonzero(full)])


# ---- Lanes ----


class Lane:
    """One worker, or of several tasks that a worker has under way the place of one."""

    def __init__(self, name, tasks, waits):
        self.name = name
        self.under_way = union([s.start_ns, s.end_ns] for s in tasks)
        self.tasks = [[s.start_ns, s.end_ns] for s in sorted(tasks, key=lambda s: s.start_ns)]
        self.waits = {kind: union([s.start_ns, s.end_ns] for s in waits if s.kind == kind) for kind in ("gil", "io")}
        self.computing = without(self.under_way, union(self.waits["gil"] + self.waits["io"]))


def lanes_of(cell):
    """The lanes of a traced row, and whether they are lanes of an event loop, whose waits are not told apart."""
    spans = cell.spans
    tasks = [s for s in spans if s.kind == "task"]
    by_lane = any(s.lane != s.worker for s in tasks)
    keys = sorted({(s.worker, s.lane) for s in tasks}) if by_lane else [(w, w) for w in sorted({s.worker for s in spans})]
    lanes = []
    for worker, lane in keys:
        own = [s for s in tasks if s.worker == worker and (s.lane == lane or not by_lane)]
        waits = [] if by_lane else [s for s in spans if s.kind != "task" and s.worker == worker]
        lanes.append(Lane(str(lane), own, waits))
    return lanes, by_lane


def summary(cell):
    """What a trace shows, in words."""
    lanes, by_lane = lanes_of(cell)
    end = max(s.end_ns for s in cell.spans) or 1
    under_way = sum(total(lane.under_way) for lane in lanes) / end
    computing = sum(total(lane.computing) for lane in lanes) / end
    handed = sum(len(lane.waits["gil"]) for lane in lanes)
    words = f"{computing:.2f} tasks at work at a time"
    if by_lane:
        words = f"{under_way:.1f} tasks under way at a time"
    elif under_way > 1.2 * computing and not handed:
        words = f"{under_way:.1f} tasks under way at a time, {computing:.2f} at work"
    if handed:
        words += f", the GIL waited for {handed} times"
    return words


def _bars(axes, y, height, intervals, end, unit, colour, edged):
    intervals = gathered(intervals, end)
    if intervals:
        axes.broken_barh([(s / unit, (e - s) / unit) for s, e in intervals], (y - height / 2, height), facecolor=colour,
                         edgecolor=palette.PAPER, linewidth=0.4 if edged and len(intervals) <= 80 else 0)


def _draw_cell(axes, cell, end, unit):
    lanes, _ = lanes_of(cell)
    colour = palette.look(cell.executor).colour
    for y, lane in enumerate(lanes[:MOST_LANES]):
        axes.axhline(y, color=palette.GRID, linewidth=0.6, zorder=0)
        for kind, waits in lane.waits.items():
            _bars(axes, y, 0.16, waits, end, unit, WAITS[kind], False)
        # Task by task, so that their borders show, each without its waits.
        waits = union(lane.waits["gil"] + lane.waits["io"])
        pieces = [piece for task in lane.tasks for piece in without([task], waits)] if len(lane.tasks) <= 80 else lane.computing
        _bars(axes, y, 0.78, pieces, end, unit, colour, True)
    shown = min(len(lanes), MOST_LANES)
    axes.set_yticks(range(shown), [lane.name for lane in lanes[:shown]])
    axes.set_ylim(shown - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _section(cell, cells, named):
    lanes = len(lanes_of(cell)[0])
    lost = cell.data.get("spans_lost") or 0
    words = [summary(cell)]
    words += [f"{lanes - MOST_LANES} more lanes"] if lanes > MOST_LANES else []
    words += [f"{lost} spans lost"] if lost else []
    name = f"{cell.workload} {cell.label}" if named else cell.label
    return style.Section(LANE * min(lanes, MOST_LANES) + LEGEND / len(cells), name, " · ".join(words))


def draw(record):
    cells = _traced(record)
    end = max(s.end_ns for cell in cells for s in cell.spans) or 1
    unit, unit_name = style.time_unit(end)
    names = list(dict.fromkeys(cell.workload for cell in cells))
    figure, all_axes = style.new_figure([_section(cell, cells, len(names) > 1) for cell in cells], sharex=True)
    for axes, cell in zip(all_axes, cells):
        _draw_cell(axes, cell, end, unit)
    all_axes[-1].set_xlim(0, end / unit)
    all_axes[-1].set_xlabel(f"time ({unit_name})" + ("" if len(names) > 1 else f" of one repetition of {names[0]}"))
    waited = {span.kind for cell in cells for span in cell.spans}
    entries = [(palette.SPENT_NAMES[kind], colour) for kind, colour in WAITS.items() if kind in waited]
    if entries:
        style.legend_below(all_axes[-1], entries)
    return figure
