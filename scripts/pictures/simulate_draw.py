"""The picture of scripts/simulate: efficiency over workers for tasks of several lengths, a rank for each worker and a rank for
each host, and where one rank 0 is saturated."""
from . import palette, simulate_model, style

HEIGHT = 3.0  # inches
LENGTHS = (0.1, 1, 10, 100)  # times --task
_COLOURS = ("#d55e00", "#e69f00", "#009e73", "#0072b2")


def _outcomes(given, figures, known, inner, task_ns):
    settings = [given.setting(n, inner, task_ns) for n in given.widths]
    return [known.get(s) or simulate_model.run(s, figures) for s in settings]


def _draw_line(axes, given, outcomes, colour, inner, length):
    x, y = given.widths, [100 * o.efficiency for o in outcomes]
    axes.plot(x, y, color=colour, linewidth=1.6, linestyle=(0, (4, 2)) if inner else "-")
    points = axes.scatter(x, y, s=22, marker="D" if inner else "o", color=colour, linewidths=0, zorder=3, clip_on=False)
    style.name_points(axes.figure, points, [
        f"{style.duration(length)}, {n} workers{', inner=' if inner else ''}: {e:.0f} %" + (f", {o.limits}" if o.limits != "-" else "")
        for n, e, o in zip(x, y, outcomes)])


def _mark_saturation(axes, given, outcomes, colour, length):
    """Where rank 0's work is as long as its workers'."""
    at = length / outcomes[-1].cost_ns if outcomes[-1].cost_ns else 0
    if given.widths[0] <= at <= given.widths[-1]:
        axes.axvline(at, color=colour, linewidth=1, linestyle=":", zorder=1)


def _title(given, costs):
    text = f"efficiency with {given.each} tasks for each worker"
    if costs[0]:
        text = f"rank 0 has {style.duration(costs[0])} of work for each task"
    return f"{text}, {style.duration(costs[1])} with inner=" if costs[0] and costs[1] else text


def draw(given, figures, known):
    """`known`: outcomes of settings that were simulated before."""
    lengths = [given.task_ns * times for times in LENGTHS]
    lines = {(length, inner): _outcomes(given, figures, known, inner, length) for length in lengths for inner in (False, True)}
    costs = [lines[given.task_ns, inner][-1].cost_ns for inner in (False, True)]
    figure, (axes,) = style.new_figure([style.Section(HEIGHT, f"mpi, {given.via}", _title(given, costs))])
    for (length, inner), outcomes in lines.items():
        colour = _COLOURS[lengths.index(length)]
        _draw_line(axes, given, outcomes, colour, inner, length)
        if not inner:
            _mark_saturation(axes, given, outcomes, colour, length)
    axes.set_xscale("log", base=2)
    axes.set_xticks(given.widths, [str(n) for n in given.widths])
    axes.minorticks_off()
    axes.set_ylim(0, 105)
    axes.grid(axis="y")
    axes.set_xlabel("workers; dotted: where rank 0 is saturated; dashed: inner=")
    axes.set_ylabel("efficiency, %")
    style.legend_below(axes, [(style.duration(length), colour) for length, colour in zip(lengths, _COLOURS)])
    style.footer(figure, f"a model, fed with {figures.source} · {given.words()}")
    style.finish(figure)
    return figure
