"""The picture of scripts/simulate: efficiency over workers for tasks of several lengths, a rank for each worker and a rank for
each host, and where one rank 0 is saturated."""
from . import palette, simulate_model, style

HEIGHT = 3.0  # inches
LENGTHS = (0.1, 1, 10, 100)  # times --task
_COLOURS = ("#d55e00", "#e69f00", "#009e73", "#0072b2")


class Line:
    """Tasks of one length over all widths, and where rank 0's work is as long as its workers': there too it is simulated."""

    def __init__(self, given, figures, known, inner, task_ns):
        self.inner, self.task_ns = inner, task_ns
        self.outcomes = {n: self._outcome(given, figures, known, n) for n in given.widths}
        self.cost_ns = self.outcomes[given.widths[-1]].cost_ns
        full = round(task_ns / self.cost_ns) if self.cost_ns else 0
        self.full = full if given.widths[0] <= full <= given.widths[-1] else None
        if self.full:
            self.outcomes.setdefault(full, self._outcome(given, figures, known, full))

    def _outcome(self, given, figures, known, workers):
        setting = given.setting(workers, self.inner, self.task_ns)
        return known.get(setting) or simulate_model.run(setting, figures)

    def draw(self, axes, colour):
        widths = sorted(self.outcomes)
        outcomes = [self.outcomes[n] for n in widths]
        shares = [100 * o.efficiency for o in outcomes]
        axes.plot(widths, shares, color=colour, linewidth=1.6, linestyle=(0, (4, 2)) if self.inner else "-")
        points = axes.scatter(widths, shares, s=22, marker="D" if self.inner else "o", color=colour, linewidths=0, zorder=3, clip_on=False)
        style.name_points(axes.figure, points, [
            f"{style.duration(self.task_ns)}, {n} workers{', inner=' if self.inner else ''}: {share:.0f} %"
            + (f", {o.limits}" if o.limits != "-" else "") for n, share, o in zip(widths, shares, outcomes)])
        if self.full and not self.inner:
            axes.axvline(self.full, color=colour, linewidth=1, linestyle=":", zorder=1)


def _title(given, costs):
    text = f"efficiency with {given.each} tasks for each worker"
    if costs[0]:
        text = f"rank 0 has {style.duration(costs[0])} of work for each task"
    return f"{text}, {style.duration(costs[1])} with inner=" if costs[0] and costs[1] else text


def draw(given, figures, known):
    """`known`: outcomes of settings that were simulated before."""
    lengths = [given.task_ns * times for times in LENGTHS]
    lines = [(Line(given, figures, known, inner, length), colour) for length, colour in zip(lengths, _COLOURS) for inner in (False, True)]
    costs = [next(line.cost_ns for line, _ in lines if line.task_ns == given.task_ns and line.inner == inner) for inner in (False, True)]
    figure, (axes,) = style.new_figure([style.Section(HEIGHT, f"mpi, {given.via}", _title(given, costs))])
    for line, colour in lines:
        line.draw(axes, colour)
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
