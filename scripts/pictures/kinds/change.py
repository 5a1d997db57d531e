"""What `bench compare` and `bench gate` found: each change with its interval, against the threshold that it was held to."""
import math
from collections import Counter

from .. import palette, style
from ..record import clean

SUMMARY = "changes from base to head, with intervals and the threshold"
ROW = 0.34  # inches

_COLOURS = {"regressed": palette.BAD, "improved": palette.GOOD, "equivalent": "#0072b2"}


def lacks(record):
    return None if record.comparisons else "comparisons (bench compare A B --format json, bench gate -o FILE)"


def suits(record):
    return True


def _change(comparison):
    """In per cent; nan: not known."""
    change = comparison["change"] or {}
    return [math.nan if change.get(part) is None else 100 * change[part] for part in ("value", "low", "high")]


def _finding(comparisons):
    regressed = [(_change(c)[0], c) for c in comparisons if c["verdict"] == "regressed" and math.isfinite(_change(c)[0])]
    if regressed:
        value, worst = max(regressed, key=lambda row: row[0])
        return f"{clean(worst['name'])} is {style.percent(value / 100)} slower"
    counts = Counter(clean(c["verdict"] or "unknown") for c in comparisons)
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


def _draw_row(axes, y, comparison):
    """Returns the numbers that the axis must reach to."""
    value, low, high = _change(comparison)
    verdict = comparison["verdict"] or ""
    colour = _COLOURS.get(verdict, palette.FAINT)
    threshold = 100 * (comparison["threshold"] or 0)
    if threshold:
        for side, end in ((palette.BAD, threshold), (palette.GOOD, -threshold)):
            axes.plot([end, end], [y - 0.4, y + 0.4], color=side, linewidth=1, linestyle=":")
    if math.isfinite(low) and math.isfinite(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=3, alpha=0.55, solid_capstyle="butt")
    if math.isfinite(value):
        points = axes.scatter([value], [y], s=30, color=colour, zorder=3, linewidths=0)
        text = f"{clean(comparison['name'])}: {style.percent(value / 100, signed=True)}, {verdict}"
        style.name_points(axes.figure, points, [text])
    axes.annotate(verdict, (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points", va="center",
                  fontsize=8.5, color=colour if colour != palette.FAINT else palette.INK, annotation_clip=False)
    return [end for end in (value, low, high, threshold, -threshold) if math.isfinite(end)]


def draw(record):
    comparisons = record.comparisons
    figure, (axes,) = style.new_figure([style.Section(ROW * len(comparisons), "head against base", _finding(comparisons))])
    ends = [end for y, c in enumerate(comparisons) for end in _draw_row(axes, y, c)]
    axes.axvline(0, color=palette.FAINT, linewidth=0.8)
    axes.set_yticks(range(len(comparisons)), [style.wrapped(clean(c["name"] or ""), 30, 2) for c in comparisons])
    axes.set_ylim(len(comparisons) - 0.4, -0.6)
    ends.append(0.0)
    reach = max(ends) - min(ends) or 1
    axes.set_xlim(min(ends) - 0.08 * reach, max(ends) + 0.08 * reach)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel("change of time from base to head (%); to the right is slower; dotted: the threshold")
    return figure
