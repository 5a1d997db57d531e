"""What scripts/report runs: results as one page that works anywhere, asks nobody for anything, and believes no name."""
import base64
import hashlib
import os

import jinja2
from markupsafe import Markup

from . import kinds, machine, svg, tables
from . import record as records
from .files import write_whole
from .options import Parser

EXAMPLES = """example:
  bench -e all -n 1,2 --trace -o all.json; scripts/report all.json -o all.html
"""


def parser():
    p = Parser("report", "Makes one page of results of `bench -o FILE`: findings, tables, pictures, machine.", EXAMPLES)
    p.add_argument("results", metavar="RESULT.json", nargs="+")
    p.add_argument("-o", "--output", metavar="FILE", default="report.html", help="where to (report.html)")
    p.add_argument("--title", help="of the page (what was found)")
    return p


# ---- What the page shows of a record ----


def _pictures(record, name):
    """Each kind that the record holds, drawn."""
    out = []
    for kind_name, kind in kinds.KINDS.items():
        if kind.lacks(record):
            continue
        figure = kinds.draw(record, kind_name)
        drawn = svg.text(figure, " ".join(figure.findings), prefix=f"{name}-{kind_name}-", themed=True)
        out.append({"caption": kind.SUMMARY, "svg": Markup(drawn)})
    return out


def _facts(record):
    """What else one would want to know, to do it again."""
    host, limits = record.machine["host"], record.machine["limits"]
    rows = (
        ("started", record.started),
        ("commit", record.data.get("commit")),
        ("parbench", record.version),
        ("seed", record.data["seed"]),
        ("rounds", record.data["rounds"]),
        ("launches", record.data["settings"].get("forks") or None),
        ("processor", record.machine["topology"]["cpu_model"]),
        ("usable", f"{limits['processors']} ({limits['allowed']})"),
        ("limited by", limits["limited_by"]),
        ("kernel", host["kernel"]),
        ("distribution", host["distribution"]),
        ("virtualisation", host["virtualisation"]),
        ("compiler", host["compiler"]),
        ("C library", host["libc"]),
        ("governor", host["governor"]),
        ("load before", host["load_1min"]),
        ("file", os.path.basename(record.path)),
    )
    return [(name, records.clean(value)) for name, value in rows if value not in (None, "", "none")]


def _ended(record):
    elapsed = record.data["elapsed_s"]
    words = f"{record.data['rounds']} rounds"
    if elapsed is not None:
        words += f" in {elapsed:.1f} s"
    return words + {
        "precision": "; every interval was narrow enough.",
        "time": "; time ended.",
        "answered": "; the answer was known.",
        "interrupted": "; it was interrupted.",
    }.get(record.data["ended"], ".")


def _shown(record, name):
    return {
        "id": name,
        "name": records.clean(os.path.splitext(os.path.basename(record.path))[0]),
        "command": record.command,
        "machine_line": record.machine_line(),
        "findings": record.findings,
        "remarks": _remarks(record),
        "changes": tables.of_changes(record),
        "tables": tables.of_cells(record),
        "ended": _ended(record),
        "pictures": _pictures(record, name),
        "machine": machine.drawn(record),
        "placements": tables.of_placements(record),
        "facts": _facts(record),
    }


def _remarks(record):
    """What to keep in mind, and whether it may have changed what was found: warnings, doubts, and notes of rows, each once with
    the rows that it is about."""
    notes = {}
    for cell in record.cells:
        for note in cell.notes:
            notes.setdefault(note, []).append(cell.label)
    said = [f"{note} ({', '.join(dict.fromkeys(labels))})" for note, labels in notes.items()]
    remarks = [(text, True) for text in record.warnings] + record.doubts + [(text, False) for text in said]
    return [{"text": text, "grave": grave} for text, grave in remarks]


# ---- The page ----


def _hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page(loaded, title=None):
    """The page, as text."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True)
    style, script = (environment.loader.get_source(environment, name)[0] for name in ("page.css", "page.js"))
    results = []
    for i, record in enumerate(loaded):
        with records.reading(record.path):
            results.append(_shown(record, f"r{i}"))
    if not title:
        found = next((f["claim"] for r in loaded for f in r.findings if f["claim"]), "What was measured")
        title = found if len(loaded) == 1 else f"{len(loaded)} results"
    return environment.get_template("page.html.j2").render(
        title=records.clean(title), results=results, style=Markup(style), script=Markup(script), style_hash=_hash(style),
        script_hash=_hash(script), table=environment.get_template("table.html.j2").module.table)


def main(words):
    try:
        options = parser().parse_args(words)
        text = page([records.load(path) for path in options.results], options.title)
        write_whole(options.output, lambda out: out.write(text.encode()))
    except records.Failure as e:
        return records.complain("report", e)
    print(options.output)
    return 0
