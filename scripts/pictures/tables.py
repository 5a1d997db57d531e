"""A record's tables as rows of text, each cell with what it is sorted by: for the report's page."""
import math
from collections import namedtuple

from . import style
from .record import clean

# kind: "number" or "text". key: a number, "" where it is not known, None where the text itself is. mood: "good", "bad", None.
Column = namedtuple("Column", "name kind")
Item = namedtuple("Item", "text key mood", defaults=(None, None))
Table = namedtuple("Table", "name about columns rows")

_MOODS = {
    "parallel": "good", "overlapped": "good", "keeps up": "good", "improved": "good",
    "serialised": "bad", "slower": "bad", "falls behind": "bad", "regressed": "bad",
    "failed": "bad", "wrong": "bad",
}


def text(value, mood=None):
    return Item(value, None, mood)


def number(value, shown):
    """A number, by the function that writes it; blank where it is not known."""
    return Item(shown(value), repr(float(value))) if math.isfinite(value) else Item("", "")


def interval(estimate, shown):
    """A number and half the width of its interval, which the same function writes."""
    item = number(estimate.value, shown)
    if not math.isfinite(estimate.low):
        return item
    return item._replace(text=f"{item.text} ±{shown((estimate.high - estimate.low) / 2)}")


def _ratio(value):
    return f"{value:.2f}"


def _times(value):
    return f"{value:.2f}x"


def _speedup(cell):
    e = cell.estimate("speedup")
    if not math.isfinite(e.value):
        return Item("", "")
    item = interval(e, _ratio)
    return item._replace(text=item.text.replace(" ", "x ", 1) if " " in item.text else item.text + "x")


def _state(cell):
    if cell.state in ("done", "running"):
        return text(cell.verdict or "-", _MOODS.get(cell.outcome))
    return text(f"{cell.state}: {cell.error}" if cell.error else cell.state, "bad" if cell.state in ("failed", "wrong") else None)


# A column, and what it holds of a row. One that no row of a table knows is left out.
_COLUMNS = (
    (Column("executor", "text"), lambda c: text(" ".join(w for w in (c.executor, c.side) if w))),
    (Column("workers", "number"), lambda c: number(c.workers, lambda n: f"{n}")),
    (Column("time", "number"), lambda c: interval(c.estimate("time_ns"), style.duration)),
    (Column("speedup", "number"), _speedup),
    (Column("possible", "number"), lambda c: number(c.estimate("possible").value, _times)),
    (Column("kept up with", "number"), lambda c: number(c.estimate("kept").value, style.percent)),
    (Column("per second", "number"), lambda c: number(c.number("rate_per_s") if c.latencies() else math.nan, style.digits)),
    (Column("p50", "number"), lambda c: number(c.number("latency_p50_ns"), style.duration)),
    (Column("p99", "number"), lambda c: number(c.number("latency_p99_ns"), style.duration)),
    (Column("p99.9", "number"), lambda c: number(c.number("latency_p999_ns"), style.duration)),
    (Column("busy", "number"), lambda c: number(c.number("busy"), _ratio)),
    (Column("cost", "number"), lambda c: number(c.number("cost"), _ratio)),
    (Column("peak memory", "number"), lambda c: number(_peak_bytes(c), _mebibytes)),
    (Column("samples", "number"), lambda c: number(len(c.samples), lambda n: f"{n}")),
    (Column("verdict", "text"), _state),
)


def _peak_bytes(cell):
    return max((s["peak_bytes"] for s in cell.samples if s["peak_bytes"] is not None), default=math.nan)


def _mebibytes(size):
    return f"{size / 2**20:.1f} MiB"


def _table(name, about, rows, columns):
    cells = [[item(row) for _, item in columns] for row in rows]
    kept = [i for i in range(len(columns)) if any(line[i].text for line in cells)]
    return Table(name, about, [columns[i][0] for i in kept], [[line[i] for i in kept] for line in cells])


def of_cells(record):
    """A table per workload, and one of the reference rows."""
    tables = [
        _table(name, " · ".join(w for w in (rows[0].summary_line, f"{rows[0].tasks} tasks in a repetition") if w), rows, _COLUMNS)
        for name, rows in record.sections()
    ]
    references = [cell for cell in record.cells if cell.role == "reference"]
    if references:
        tables.append(_table("reference", "what the machine can give", references, _COLUMNS))
    return tables


def _share(estimate, name):
    value = (estimate or {}).get(name)
    return math.nan if value is None else value


def _signed(share):
    return style.percent(share, signed=True)


_CHANGES = (
    (Column("row", "text"), lambda c: text(clean(c["name"]))),
    (Column("base", "number"), lambda c: number(_share(c, "base_ns"), style.duration)),
    (Column("head", "number"), lambda c: number(_share(c, "head_ns"), style.duration)),
    (Column("change", "number"), lambda c: number(_share(c["change"], "value"), _signed)),
    (Column("from", "number"), lambda c: number(_share(c["change"], "low"), _signed)),
    (Column("to", "number"), lambda c: number(_share(c["change"], "high"), _signed)),
    (Column("threshold", "number"), lambda c: number(_share(c, "threshold"), style.percent)),
    (Column("verdict", "text"), lambda c: text(c["verdict"] or "", _MOODS.get(c["verdict"]))),
    (Column("why", "text"), lambda c: text(clean(c["why"] or ""))),
)


def of_changes(record):
    """The comparisons, or None."""
    return _table("", "", record.comparisons, _CHANGES) if record.comparisons else None


def of_placements(record):
    """Where the workers were bound, and where they ran."""
    columns = (
        (Column("row", "text"), lambda c: text(f"{c.workload} {c.label}")),
        (Column("asked", "text"), lambda c: text(clean(c.placement["policy"] or ""))),
        (Column("done", "text"), lambda c: text(clean(c.placement["effective"] or ""))),
        (Column("planned", "text"), lambda c: text(clean(c.placement["planned"] or ""))),
        (Column("ran on", "text"), lambda c: text(clean(c.placement["achieved"] or ""), "bad" if c.placement["misplaced"] else None)),
        (Column("why", "text"), lambda c: text(clean(c.placement["reason"] or ""))),
    )
    rows = [cell for cell in record.cells if cell.samples]
    return _table("", "", rows, columns) if rows else None
