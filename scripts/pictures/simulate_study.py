"""What is asked of the model: a width with its shortest tasks, where rank 0 is saturated, and how near it comes to what was
measured."""
import math
from collections import namedtuple

from . import record as records
from . import simulate_model as model

TARGETS = (0.5, 0.9)
SHORTEST, LONGEST = 1.0, 1e13  # ns, of the tasks that are sought
CLOSE = 0.004    # of an efficiency that is sought
TRUSTED = 0.15   # the model may be so far off

Study = namedtuple("Study", "setting outcome shortest")  # shortest: for each of TARGETS, ns; nan: none
Match = namedtuple("Match", "name measured model deviation")


# ---- The shortest tasks ----


def _logit(efficiency):
    kept = min(max(efficiency, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))


def _between(low, high, target):
    """Where the line through two points (log of a length, efficiency) has the target; not too near to either."""
    (a, at), (b, bt) = low, high
    share = (_logit(target) - _logit(at)) / (_logit(bt) - _logit(at)) if bt > at else 0.5
    return a + (b - a) * min(max(share, 0.05), 0.95)


def shortest(setting, figures, target, guess):
    """METG by bisection: the shortest tasks (ns) of which so large a share of the workers' time is work, to 2 %. nan: none."""
    known = {}

    def efficiency(x):
        if x not in known:
            known[x] = model.run(setting._replace(task_ns=math.exp(x)), figures).efficiency
        return known[x]

    ends = math.log(SHORTEST), math.log(LONGEST)
    low = high = min(max(math.log(max(guess, SHORTEST)), ends[0]), ends[1])
    step = math.log(1.5)
    while efficiency(low) >= target and low > ends[0]:
        high, low, step = low, max(ends[0], low - step), 2 * step
    if efficiency(low) >= target:
        return SHORTEST
    while efficiency(high) < target:
        if high >= ends[1]:
            return math.nan
        low, high, step = high, min(ends[1], high + step), 2 * step
    while high - low > math.log(1.02) and abs(efficiency(high) - target) > CLOSE:
        x = _between((low, efficiency(low)), (high, efficiency(high)), target)
        if efficiency(x) < target - CLOSE:
            low = x
        else:
            high = x
    return math.exp(high)


def study(setting, figures):
    outcome = model.run(setting, figures)
    found, guess = [], outcome.cost_ns * setting.workers * TARGETS[0]
    for target in TARGETS:
        found.append(shortest(setting, figures, target, guess))
        guess = found[-1] * 2 if math.isfinite(found[-1]) else guess
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
                            0.0, given.latency_ns, given.bandwidth, given.seed)
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
