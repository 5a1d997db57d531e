"""Where the workers' time went: a bar per row, from computing to waiting; what `bench --wide` says in words."""
import math

from .. import palette, style

SUMMARY = "bars of where the workers' time went: computing, GIL, I/O, idle"
ROW, LEGEND = 0.27, 0.3  # inches


def _shares(cell):
    """Known shares in the order of the palette."""
    shares = ((name, cell.number(f"{name}_share")) for name in palette.SPENT)
    return [(name, share) for name, share in shares if math.isfinite(share) and share > 0]


def _sections(record):
    return record.sections(_shares)


def lacks(record):
    return None if _sections(record) else "where its workers' time went"


def suits(record):
    return False


def _draw_section(axes, rows, seen):
    for y, cell in enumerate(rows):
        begin = 0
        for part, share in _shares(cell):
            seen.add(part)
            axes.barh(y, 100 * share, left=begin, height=0.7, color=palette.SPENT[part], linewidth=0)
            if share >= 0.12:
                light = part in ("computing", "gil")
                axes.text(begin + 50 * share, y, f"{100 * share:.0f} %", ha="center", va="center", fontsize=8,
                          color="#ffffff" if light else "#1b1f25")
            begin += 100 * share
    axes.set_yticks(range(len(rows)), [style.short(cell.label) for cell in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("% of workers x time")


def draw(record):
    sections = _sections(record)
    figure, all_axes = style.new_figure([
        style.Section(ROW * len(rows) + LEGEND / len(sections), name, record.finding(name)) for name, rows in sections])
    seen = set()
    for axes, (_, rows) in zip(all_axes, sections):
        _draw_section(axes, rows, seen)
    style.legend_below(all_axes[-1], [
        (palette.SPENT_NAMES[part], colour) for part, colour in palette.SPENT.items() if part in seen])
    return figure
