"""What is asked of the model: a width with its shortest tasks, where rank 0 is saturated, and how near it comes to what was
measured."""
import math
from collections import namedtuple

from . import record as records
from . import simulate_model as model

TARGETS = (0.5, 0.9)
SHORTEST, LONGEST = 1.0, 1e13  # ns, of the tasks that are sought
SOUGHT, LEAST = 200_000, 20  # futures with which it is sought at most, since it takes several simulations; for each worker at least
CLOSE = 0.004    # of an efficiency that is sought
TRUSTED = 0.15   # the model may be so far off

Study = namedtuple("Study", "setting outcome shortest")  # shortest: for each of TARGETS, ns; nan: none
Match = namedtuple("Match", "name measured model deviation")


# ---- The shortest tasks ----


class _Search:
    """For the logarithm of a length at which an efficiency lies: between the longest that is known to be below and the shortest
    that is not. Where rank 0 limits, efficiency grows with the length, which makes the first guesses good."""

    def __init__(self, target):
        self.target, self.low, self.high, self.tries, self.step = target, None, None, 0, math.log(1.02)

    def narrow(self):
        return self.low and self.high and self.high[0] - self.low[0] <= math.log(1.02)

    def learn(self, x, efficiency):
        if efficiency < self.target:
            self.low = x, max(efficiency, 1e-12)
        else:
            self.high = x, efficiency
        self.tries += 1
        self.step *= 2

    def next(self):
        if not self.high:
            return self.low[0] + max(self.step, math.log(self.target / self.low[1]))
        if not self.low:
            return self.high[0] - max(self.step, math.log(self.high[1] / self.target))
        (a, at), (b, bt) = self.low, self.high
        share = math.log(self.target / at) / math.log(bt / at) if self.tries % 3 and bt > at else 0.5
        return a + (b - a) * min(max(share, 0.05), 0.95)


def shortest(setting, figures, target, guess):
    """METG by bisection: the shortest tasks (ns) of which so large a share of the workers' time is work, to 2 %. nan: none."""
    search, least, most = _Search(target), math.log(SHORTEST), math.log(LONGEST)
    x = math.log(guess) if guess > 0 else least
    while not search.narrow():
        x = min(max(x, least), most)
        efficiency = model.run(setting._replace(task_ns=math.exp(x)), figures).efficiency
        if x == least and efficiency >= target:
            return SHORTEST
        if x == most and efficiency < target:
            return math.nan
        if abs(efficiency - target) <= CLOSE:
            return math.exp(x)
        search.learn(x, efficiency)
        x = search.next()
    return math.exp(search.high[0])


def study(setting, figures):
    outcome = model.run(setting, figures)
    enough = max(SOUGHT, LEAST * setting.workers) if setting.via == "submit" else setting.tasks
    sought = setting._replace(tasks=min(setting.tasks, enough))
    found, guess = [], outcome.cost_ns * setting.workers * TARGETS[0]
    for target in TARGETS:
        found.append(shortest(sought, figures, target, guess))
        guess = found[-1] * TARGETS[1] / TARGETS[0] if math.isfinite(found[-1]) else guess
    return Study(setting, outcome, found)


# ---- Rank 0 ----


def most_workers(study_):
    """How many workers one rank 0 feeds with tasks of that length."""
    return study_.setting.task_ns / study_.outcome.cost_ns if study_.outcome.cost_ns else math.inf


def rule(studies):
    """Of each target, the least length of tasks for each worker (ns) with which all widths at which rank 0 limits reach it; nan:
    it limits nowhere."""
    bound = [s for s in studies if s.outcome.limits == "manager"]
    return [max((s.shortest[i] / s.setting.workers for s in bound), default=math.nan) for i in range(len(TARGETS))]


# ---- Against what was measured ----


def _inner(executor):
    """Whether the row's ranks have an executor of their own."""
    words = dict(word.partition("=")[::2] for word in executor.partition(":")[2].split(","))
    return words.get("inner", "none") != "none"


def _hosts(cell, given):
    hosts = given or len(cell.data.get("hosts") or [])
    if not hosts:
        raise records.Failure("--hosts: missing, and the result does not say on how many it ran: give their number")
    return min(hosts, cell.workers)


def _match(record, cell, given, figures):
    base = next((c for c in record.cells if c.id == cell.base), None)
    if not base or not base.is_serial or not base.tasks:
        raise records.Failure(f"{record.path}: {cell.label}: no serial row to take the tasks' length from: measure with one")
    task_ns = base.estimate("time_ns").value / base.tasks
    setting = model.Setting(cell.workers, _hosts(cell, given.hosts), _inner(cell.executor), cell.data["via"], task_ns, cell.tasks, "fixed",
                            0.0, given.latency_ns, given.bandwidth, given.seed, given.crowded, 1)
    measured, expected = cell.estimate("speedup"), model.run(setting, figures).speedup
    return Match(f"{cell.workload} {cell.label}", measured, expected, expected / measured.value - 1)


def matches(paths, given, figures):
    """A row for each measured row of mpi on sleep. Failure: a file has none."""
    for path in paths:
        record = records.load(path)
        with records.reading(path):
            cells = [c for c in record.cells if c.executor.split(":")[0] == "mpi" and c.data["workload_name"] == "sleep"
                     and c.data["via"] in ("submit", "for") and math.isfinite(c.estimate("speedup").value)]
            if not cells:
                raise records.Failure(f"{path}: no row of mpi on sleep that was measured through submit or for: measure bench -w sleep -e mpi")
            for cell in cells:
                yield _match(record, cell, given, figures)
