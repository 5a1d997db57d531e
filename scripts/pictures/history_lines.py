"""From records to lines: the same row on the same machine, record after record.

What may be held against what follows src/results/comparable.c, and what a measurement is follows src/analysis/compare.c: of rows
that compute the time over that of the reference row on one processor in the same round, per iteration, so that a slower mood of
the machine cancels out; rows that wait are taken as they are, since no mood slows a timer.
"""
import math
from collections import namedtuple

import numpy as np

from .history_steps import t_quantile
from .record import clean, reading

MOST_APART = 1.5  # numbers of tasks that still count as the same work, each task by itself

# value: logarithm of what a task takes, scaled; error: its standard error; low, high: ends of its 95 % interval, as logarithms
# (nan where it is not known); ns: what a task took, as it was.
Point = namedtuple("Point", "record value error low high ns")


class Line:
    """A row, measured again and again."""

    def __init__(self, machine, cell, key, scale, tasks):
        self.machine, self.key, self.scale, self.tasks = machine, key, scale, tasks
        self.workload, self.executor, self.workers, self.label = cell.workload, cell.executor, cell.workers, _label(cell)
        self.points = []
        self.answers = {}  # of so many tasks
        self.counts = set()  # of tasks
        self.found = None  # by history_steps
        self.again = False  # another line had the name before

    @property
    def name(self):
        return f"{self.workload} {self.label}"

    @property
    def series(self):
        return [p.value for p in self.points], [p.error for p in self.points]


class Machine:
    """What records were measured on, and the records, in their order."""

    def __init__(self, record, facts):
        self.facts, self.records = dict(facts), [record]
        topology = record.machine["topology"]
        count = record.machine["limits"]["processors"]
        self.name = f"{clean(topology['cpu_model']) or 'unknown processor'}, {count} processor{'' if count == 1 else 's'}"

    def differs(self, facts):
        """In what, as `src/results/comparable.c` does: what is unknown on either side tells nothing."""
        return [name for name, value in facts.items() if value and self.facts.get(name) and self.facts[name] != value]

    def add(self, record, facts):
        self.records.append(record)
        self.facts.update({name: value for name, value in facts.items() if value})


# ---- Machines ----


def _main_version(version):
    """Of 1.4.2 it is 1, of 0.4.2 it is 0.4."""
    parts = version.replace("-", ".").replace("+", ".").split(".")
    return ".".join(parts[:2]) if parts[0] == "0" else parts[0]


def _switch(value):
    return "" if value is None else "on" if value else "off"


def facts_of(record):
    topology, limits, host = (record.machine[part] for part in ("topology", "limits", "host"))
    usable = limits["usable"]
    return {
        "processor": clean(topology["cpu_model"]),
        "topology": f"{len(topology['pus'])} processors on {topology['cores']} cores, {topology['packages']} packages, "
                    f"{topology['numa_nodes']} NUMA nodes" if topology["pus"] else "",
        "caches": " + ".join(f"{c['instances']} L{c['level']} {c['type']} of {c['size_bytes']}" for c in topology["caches"]),
        "usable processors": f"{usable:.4g}" if usable and usable > 0 else "",
        "virtualisation": clean(host["virtualisation"]),
        "governor": clean(host["governor"]),
        "SMT": _switch(host["smt_active"]),
        "turbo": _switch(host["turbo"]),
        "parbench": _main_version(record.version),
    }


def machines_of(records):
    """Each record put to the machine that it agrees with, the one that was seen last first."""
    machines = []
    for record in records:
        facts = facts_of(record)
        for machine in sorted(machines, key=lambda m: m.records[-1].started, reverse=True):
            if not machine.differs(facts):
                machine.add(record, facts)
                break
        else:
            machines.append(Machine(record, facts))
    return machines


# ---- Rows ----


def _sound(cell):
    return bool(cell.samples) and cell.tasks > 0 and cell.state not in ("failed", "wrong", "refused")


def _label(cell):
    """Executor and workers, and what is unusual."""
    words = [cell.label]
    if cell.placement["policy"] not in ("auto", None):
        words.append(f"bind={clean(cell.placement['policy'])}")
    if cell.data["via"] not in ("for", None):
        words.append(f"via={clean(cell.data['via'])}")
    if cell.runner:
        words.append(f"runner={cell.runner}")
    return " ".join(words)


def _work(cell):
    return cell.data["workload_full"] or cell.data["workload"]


def _reference(record):
    """What ran beside all rows and tells the machine's mood, or None."""
    rate = record.data["settings"]["work_rate_per_us"]
    references = (c for c in record.cells if c.role == "reference" and c.is_serial and _sound(c))
    return next(references, None) if rate and rate > 0 else None


def _scale(record, cell):
    """The row by whose time this one's is divided, what its own work is counted in, and in words; (None, 1, words): none."""
    if cell.bound == "io":
        return None, 1, "time alone"
    reference = _reference(record) if cell.bound == "cpu" else None
    if reference:
        return reference, reference.tasks * record.data["settings"]["work_rate_per_us"], f"reference {clean(_work(reference))}"
    base = next((c for c in record.cells if c.id == cell.base and c.id != cell.id and _sound(c)), None)
    return (base, base.tasks, f"base {base.label}") if base else (None, 1, "time alone")


def _round(sample):
    return sample["round"], sample.get("fork") or 0


def _logs(cell, beside, work):
    """(fork, logarithm of what a task takes) of each round in which both were measured."""
    times = {_round(s): s["makespan_ns"] / work for s in beside.samples if s["makespan_ns"] > 0} if beside else None
    out = []
    for sample in cell.samples:
        time = sample["makespan_ns"] / cell.tasks
        other = 1 if times is None else times.get(_round(sample), 0)
        if time > 0 and other > 0:
            out.append((_round(sample)[1], math.log(time / other)))
    return out


def _order_interval(values):
    """Of the median, by order statistics: at least 95 %; none below 6."""
    count, ordered = len(values), np.sort(values)
    if count < 6:
        return math.nan, math.nan
    outside, chance = 0, 0.5**count if count < 1000 else 0.0
    if count >= 1000:
        outside = max(0, math.floor(count / 2 - 0.98 * math.sqrt(count)) - 1)
    else:
        below = chance
        while below + chance * (count - outside) / (outside + 1) <= 0.025:
            chance *= (count - outside) / (outside + 1)
            outside += 1
            below += chance
    return float(ordered[outside]), float(ordered[count - 1 - outside])


def estimate(logs):
    """(value, standard error, low, high) of measurements in one or more launches: launches differ from each other, so where there
    are several the spread of their medians counts, else that of the rounds."""
    launches = {}
    for fork, value in logs:
        launches.setdefault(fork, []).append(value)
    values = np.array([np.median(part) for part in launches.values()] if len(launches) > 1 else [value for _, value in logs])
    middle, count = float(np.median(values)), len(values)
    if count < 2:
        return middle, math.nan, math.nan, math.nan
    spread = float(np.std(values, ddof=1))
    if len(launches) > 1 and count < 6:
        half = t_quantile(count - 1) * spread / math.sqrt(count)
        return middle, spread / math.sqrt(count), middle - half, middle + half
    error = math.sqrt(math.pi / 2) * spread / math.sqrt(count)  # of a median
    return middle, error, *_order_interval(values)


def measured(record):
    """Of each row that has numbers (cell, words for what it is scaled by, what Point holds but for the record's index)."""
    out = []
    for cell in record.cells:
        if cell.role == "reference" or cell.side or not _sound(cell):
            continue
        beside, work, words = _scale(record, cell)
        logs = _logs(cell, beside, work)
        if logs:
            ns = float(np.median([s["makespan_ns"] for s in cell.samples])) / cell.tasks
            out.append((cell, words, (*estimate(logs), ns)))
    return out


def check(record):
    """Reads all that is needed. Failure: something is missing, or is of another kind."""
    with reading(record.path):
        facts_of(record)
        record.measured = measured(record)
    return record


# ---- Lines ----


def _key(cell, words):
    """What makes two rows the same."""
    placement = cell.placement
    return (_work(cell), cell.executor, cell.workers, cell.runner, cell.data["via"], placement["policy"], placement["effective"],
            words)


def _takes(line, cell):
    """Whether the row goes on with the line: as many tasks, about, and of the same tasks the same answers."""
    answer = line.answers.get(cell.tasks)
    return (1 / MOST_APART <= cell.tasks / line.tasks <= MOST_APART
            and (answer is None or answer == cell.samples[0]["digest"]))


def lines_of(machine):
    """The lines of a machine, in the order of its rows."""
    lines = []
    for index, record in enumerate(machine.records):
        for cell, words, numbers in record.measured:
            key = _key(cell, words)
            line = next((old for old in lines if old.key == key and _takes(old, cell) and old.points[-1].record < index), None)
            if not line:
                line = Line(machine, cell, key, words, cell.tasks)
                lines.append(line)
            line.points.append(Point(index, *numbers))
            line.counts.add(cell.tasks)
            line.answers[cell.tasks] = cell.samples[0]["digest"]
    _tell_apart(lines)
    return lines


def _tell_apart(lines):
    """Lines of one name are other work, or are scaled by something else."""
    names = {}
    for line in lines:
        names.setdefault(line.name, []).append(line)
    for same in names.values():
        for number, line in enumerate(same[1:], 2):
            line.label += f" ({number})"
            line.again = True
