"""What all pictures have in common: sizes that can be read at 600 pixels, a title that says the finding, and how numbers are
written. Owns the import of matplotlib's state; nothing here draws data."""
import math
import textwrap
import warnings
from collections import namedtuple

import matplotlib
import matplotlib.patches
import matplotlib.transforms
from matplotlib.figure import Figure

from .palette import FAINT, GRID, INK, PAPER

WIDTH = 6.0  # inches; at 100 dots to the inch a picture is 600 pixels wide
TITLE_COLUMNS = 68  # of a title's line, at that width

_SETTINGS = {
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.size": 9,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "hatch.linewidth": 0.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "parbench",  # the same record gives the same bytes
    "text.parse_math": False,  # names are text: a $ in one begins no formula
    "text.usetex": False,
}
matplotlib.rcParams.update(_SETTINGS)

# A name may hold characters that no font here has: they are drawn as boxes, and of SVG the reader's fonts decide.
MISSING_GLYPHS = "Glyph .* missing from current font"
warnings.filterwarnings("ignore", MISSING_GLYPHS)


_LINE, _AXIS, _FOOT = 0.165, 0.55, 0.3  # inches: a line of a title, numbers and name of an axis, the footer

Section = namedtuple("Section", "height name finding")  # inches of its own; whose picture it is, and what it shows


def new_figure(sections, **options):
    """A figure of axes one above the other, each under its title. Returns it and the list of its axes."""
    texts = [f"{s.name}: {s.finding}" if s.finding else s.name for s in sections]
    titles = [wrapped(text) for text in texts]
    heights = [s.height + _AXIS + _LINE * (text.count("\n") + 1) for s, text in zip(sections, titles)]
    figure = Figure(figsize=(WIDTH, sum(heights) + _FOOT), layout="constrained")
    axes = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights}, **options)[:, 0]
    figure.get_layout_engine().set(h_pad=0.06, w_pad=0.06)
    figure.points = {}  # name of a group of points -> what each of them is
    figure.findings = texts
    figure.titles = [a.set_title(text, loc="left", pad=8) for a, text in zip(axes, titles)]
    return figure, list(axes)


def wrapped(text, columns=TITLE_COLUMNS, most=3):
    lines = textwrap.wrap(text, columns, break_long_words=True) or [""]
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = lines[-1][: columns - 2] + " …"
    return "\n".join(lines)


def short(text, most=28):
    """A name that has to stand beside the picture."""
    return text if len(text) <= most else text[: most - 1] + "…"


def finish(figure):
    """Lays out, and moves the titles to the left edge, which is known then."""
    figure.draw_without_rendering()
    for heading in figure.titles:
        place = heading.axes.get_position()
        heading.set_x((0.012 - place.x0) / place.width)
    figure.set_layout_engine("none")  # it stays as it is, whatever it is saved as


def footer(figure, text):
    figure.supxlabel(wrapped(text, 120, 2), fontsize=7, color=FAINT, x=0.01, ha="left")


def legend_below(axes, entries):
    """Patches of (name, colour) in a line under the axes."""
    below = matplotlib.transforms.ScaledTranslation(0, -36 / 72, axes.figure.dpi_scale_trans)
    axes.legend(handles=[matplotlib.patches.Patch(color=colour, label=name) for name, colour in entries], loc="upper left",
                bbox_to_anchor=(0, 0), bbox_transform=axes.transAxes + below, ncol=len(entries), handlelength=1,
                handleheight=1, columnspacing=1.2, borderaxespad=0)


def name_points(figure, artist, texts):
    """Gives each point of a scatter the text that is shown when it is pointed at, in SVG."""
    name = f"points-{len(figure.points)}"
    artist.set_gid(name)
    figure.points[name] = list(texts)


# ---- Numbers ----

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1, "ns"))


def digits(value, count=3):
    """`value` with so many significant digits, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "?"
    places = max(0, count - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"


def duration(ns):
    """`50.6 ms`."""
    if not math.isfinite(ns):
        return "?"
    size, unit = next((row for row in _TIMES if abs(ns) >= row[0]), _TIMES[-1])
    return f"{digits(ns / size)} {unit}"


def time_unit(ns):
    """The size in ns, and the name, of the unit for an axis that reaches to `ns`."""
    return next((row for row in _TIMES if ns >= 2 * row[0]), _TIMES[-1])


def percent(share, signed=False):
    return f"{100 * share:{'+' if signed else ''}.{1 if abs(share) < 0.1 else 0}f} %"


def spread(positions, distance):
    """Moves ascending positions apart to be at least `distance` from each other, as little as possible in all."""
    groups = []  # of [sum of what the first wants, count]; the first of a group lies at their mean
    for i, position in enumerate(positions):
        groups.append([position, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] + groups[-2][1] * distance > groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total - count * groups[-1][1] * distance
            groups[-1][1] += count
    return [total / count + i * distance for total, count in groups for i in range(count)]
