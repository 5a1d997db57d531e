"""A result of `bench -o FILE`, read. docs/results.md says what the file holds; what is computed there is not computed again.

All texts in it are untrusted: they come from command lines and plug-ins. Here they lose what could act on a terminal or turn
a line round; what else means something to a format is for that format to escape.
"""
import contextlib
import json
import math
import sys
import unicodedata
from collections import namedtuple

SCHEMA = 1
MOST_BYTES = 64 << 20  # as `bench` reads them

USAGE, CANNOT_RUN = 2, 6  # exit codes, as those of `bench`

Estimate = namedtuple("Estimate", "value low high")  # nan: not known
Span = namedtuple("Span", "kind worker lane task start_ns end_ns")


class Failure(Exception):
    """`what: why: what to do`, and the exit code that it deserves."""

    def __init__(self, text, code=USAGE):
        super().__init__(text)
        self.code = code


def complain(name, failure):
    """Tells a failure as the script NAME does. Returns its exit code."""
    print(f"{name}: {clean(str(failure))}", file=sys.stderr)
    return failure.code


def _is_harmless(c):
    """Neither a control nor a formatting character, nor one that is none (U+FFFE, which XML forbids)."""
    code = ord(c)
    no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return not no_character and unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def clean(text):
    """A text of which nothing acts on a terminal, is invisible, or turns the direction of writing."""
    return "".join(c if _is_harmless(c) else "?" for c in str(text))


def _known(number):
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else math.nan


def _text(value):
    return clean(value) if isinstance(value, str) else ""


def shown_executor(executor):
    """As the table has it: a star says that no Python runs under the model of its lock."""
    name, colon, rest = executor.partition(":")
    return f"gil*{colon}{rest}" if name == "gil" else executor


class Cell:
    """A row of the table."""

    def __init__(self, data):
        self.data = data
        self.id = data["id"]
        self.role = data["role"]
        self.workload = _text(data["workload"])
        self.summary_line = _text(data["workload_summary"])
        self.executor = _text(data["executor"])
        self.runner = _text(data.get("runner"))
        self.side = _text(data.get("side"))
        self.workers = int(data["workers"])
        self.tasks = int(data["tasks"])
        self.bound = data["bound"]
        self.state = data["state"]
        self.error = _text(data["error"])
        self.base, self.reference = data["base"], data["reference"]
        self.placement = data["placement"]
        self.notes = [_text(note) for note in data["notes"]]
        self.samples = data["samples"]
        self.outcome, self.cause = _text(data["summary"]["outcome"]), _text(data["summary"]["cause"])
        name = shown_executor(self.executor)
        self.label = name if self.is_serial else f"{name} {self.workers}"

    @property
    def is_serial(self):
        return self.executor.split(":")[0].removeprefix("py.") == "serial"

    @property
    def is_model(self):
        return shown_executor(self.executor) != self.executor

    @property
    def verdict(self):
        """As the table has it: `serialised: lock`."""
        return ": ".join(word.replace("_", " ") for word in (self.outcome, self.cause) if word not in ("", "-"))

    def estimate(self, name):
        e = self.data["summary"].get(name) or {}
        return Estimate(*(_known(e.get(part)) for part in ("value", "low", "high")))

    def number(self, name):
        return _known(self.data["summary"].get(name))

    @property
    def times_ns(self):
        return [sample["makespan_ns"] for sample in self.samples]

    @property
    def spans(self):
        return [
            Span(s["kind"], s["worker"], s["lane"], s["task"], s["start_ns"], s["start_ns"] + s["duration_ns"])
            for s in self.data.get("spans") or []
        ]

    def latencies(self):
        """All that its tasks observed, as ascending pairs of a bucket's lower end (ns) and a count."""
        counts = {}
        for sample in self.samples:
            for bucket, count in sample.get("latency") or []:
                counts[bucket] = counts.get(bucket, 0) + count
        return [(bucket_start(bucket), counts[bucket]) for bucket in sorted(counts)]


def bucket_start(bucket):
    """Where a bucket of a latency histogram begins (ns): each power of two has 64."""
    return bucket if bucket < 64 else (64 + bucket % 64) << (bucket // 64 - 1)


class Record:
    """One result file."""

    def __init__(self, data, path):
        self.data, self.path = data, path
        self.cells = [Cell(cell) for cell in data["cells"]]
        self.command = _text(data["command"])
        self.version = _text(data["version"])
        self.started = _text(data["started"])
        self.machine = data["machine"]
        self.findings = [{key: _text(f[key]) for key in ("claim", "evidence", "next")} for f in data["findings"]]
        self.doubts = [(_text(d["text"]), bool(d["grave"])) for d in data.get("doubts") or []]
        self.warnings = [_text(w) for w in data["warnings"]]
        self.comparisons = data.get("comparisons") or []
        self.laws = data.get("laws") or []

    def sections(self, shows=lambda cell: True):
        """The workloads in the order of the table, each with its rows, without those that are references or that show nothing."""
        sections = {}
        for cell in self.cells:
            if cell.role != "reference" and shows(cell):
                sections.setdefault(cell.workload, []).append(cell)
        return list(sections.items())

    def claims(self, workload):
        """What was found of a workload, without its name."""
        names = {workload, workload.split(":")[0], workload.split("/")[-1]}
        claims = (f["claim"].partition(": ") for f in self.findings)
        return [rest for name, _, rest in claims if name in names and rest]

    def finding(self, workload):
        """The first of them, else what the workload is. Of a single workload findings do not say its name."""
        if len(self.sections()) == 1 and self.findings:
            return self.findings[0]["claim"].removeprefix(workload + ": ")
        for claim in self.claims(workload):
            return claim
        return next((c.summary_line for c in self.cells if c.workload == workload), "")

    def machine_line(self):
        topology, limits, host = self.machine["topology"], self.machine["limits"], self.machine["host"]
        processors = limits["processors"]
        parts = [
            _text(topology["cpu_model"]) or "unknown processor",
            f"{processors} processor{'' if processors == 1 else 's'}",
            _text(host["virtualisation"]),
            f"parbench {self.version}",
            self.started[:10],
        ]
        return " · ".join(part for part in parts if part)


@contextlib.contextmanager
def reading(path):
    """For whatever reads a record: what it lacks, or has of another kind, is a failure of that file."""
    try:
        yield
    except (ArithmeticError, AttributeError, KeyError, IndexError, TypeError, ValueError) as e:
        raise Failure(f"{path}: a result that lacks what it should hold ({e!r}): `bench export {path}` says what is wrong") from None


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def load(path):
    """Reads a result file. Failure: it cannot be read, or is none."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as e:
        raise Failure(f"{path}: {e.strerror}: name a file that `bench -o FILE` wrote") from None
    if len(raw) > MOST_BYTES:
        raise Failure(f"{path}: more than 64 MiB: name a file that `bench -o FILE` wrote")
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as e:
        raise Failure(f"{path}:{e.lineno}:{e.colno}: {e.msg}: it is cut off, or no result of bench") from None
    except (UnicodeDecodeError, RecursionError, ValueError) as e:
        raise Failure(f"{path}: no JSON ({e}): name a file that `bench -o FILE` wrote") from None
    if not isinstance(data, dict) or "schema" not in data:
        raise Failure(f"{path}: no result of bench: name a file that `bench -o FILE` wrote")
    if data["schema"] != SCHEMA:
        raise Failure(f"{path}: schema {data['schema']}, and this reads {SCHEMA}: measure again, or take the scripts of that version")
    with reading(path):
        return Record(data, path)
