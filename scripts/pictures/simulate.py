"""What scripts/simulate runs: the executor mpi with more workers than there are here, by a model."""
import math
import os
import re

from . import record as records
from . import simulate_draw, simulate_figures, simulate_model, simulate_study, simulate_work, style
from .options import Parser
from .plot import check_format, write

ROOT = simulate_figures.ROOT
FIGURES = os.path.join(ROOT, "results", "scale", "figures.json")
MOST_WORKERS, MOST_TASKS = 100_000, 10**12
OFF = 1  # exit code: a row that was measured is too far from the model

EXAMPLES = """examples:
  scripts/simulate --task 10ms --latency 50us
  scripts/simulate --via for --task 20us --tasks-per-worker 100k --workers 64,1024
  scripts/simulate --against sleep.json --latency 1ms --crowded

limits: what keeps workers from working: manager (rank 0 is busy), network (a link is), latency (the way there and back), tail
  (the last tasks). 50 %, 90 %: the shortest tasks of which that share of the workers' time is work.
"""

_UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
_COUNTS = {"": 1, "k": 10**3, "M": 10**6}
_RATES = {"bit": 1, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9}


# ---- Options ----


def _read(option, text, units, low, high, example):
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+) ?([A-Za-z]*)", text)
    value = float(match[1]) * units[match[2]] if match and match[2] in units else math.nan
    if not low <= value <= high:
        raise records.Failure(f'--{option} "{text}": not {example}')
    return value


def _time(option, text, low):
    return _read(option, text, _UNITS, low, 3600e9, f"a time from {style.duration(low)} to an hour: give one such as 1ms")


def _count(option, text, high):
    value = _read(option, text, _COUNTS, 1, high, f"a whole number from 1 to {high}: give one such as 16")
    if value != int(value):
        raise records.Failure(f'--{option} "{text}": not a whole number: give one such as 16')
    return int(value)


def _widths(text):
    """`16-10000`: each four times the one before, and the last."""
    found = set()
    for item in text.split(","):
        first, dash, last = item.partition("-")
        low = _count("workers", first, MOST_WORKERS)
        high = _count("workers", last, MOST_WORKERS) if dash else low
        if high < low:
            raise records.Failure(f'--workers "{item}": from more to fewer: turn it round')
        while low < high:
            found.add(low)
            low *= 4
        found.add(high)
    return sorted(found)


def _distribution(text):
    kind, colon, variation = text.partition(":")
    if kind not in simulate_work.DISTRIBUTIONS or (colon and kind != "lognormal"):
        raise records.Failure(f'--lengths "{text}": not one of fixed, exponential, lognormal[:VARIATION]: give one of them')
    return kind, _read("lengths", variation, {"": 1}, 0, 10, "a variation from 0 to 10: give one such as 1") if colon else 1.0


def parser():
    figures = "\n".join(f"  {name:17} {what}" for name, what in simulate_figures.FIGURES.items())
    p = Parser("simulate", "The executor mpi at widths that are not here: speedup, what limits it, and how long tasks have to be.",
               f"{EXAMPLES}\nfigures, each with its value and the command that gave it:\n{figures}\n")
    p.add_argument("--figures", metavar="FILE", default=FIGURES, help="what things cost (results/scale/figures.json)")
    p.add_argument("--workers", metavar="LIST", default="16-10000", help="widths; A-B: by fours (16-10000)")
    p.add_argument("--task", metavar="TIME", default="1ms", help="how long a task takes, on average (1ms)")
    p.add_argument("--lengths", metavar="KIND", default="fixed", help="fixed, exponential, lognormal[:VARIATION] (fixed)")
    p.add_argument("--tasks-per-worker", metavar="N", default="100", help="of a repetition (100); where those are more than 200k futures, "
                   "the shortest tasks are sought with fewer")
    p.add_argument("--via", choices=("submit", "for"), default="submit", help="a future for each task, or a loop (submit)")
    p.add_argument("--latency", metavar="TIME", help="of the network, one way (50us)")
    p.add_argument("--bandwidth", metavar="RATE", default="10Gbit", help="of each host's link, or none (10Gbit)")
    hosts = p.add_mutually_exclusive_group()
    hosts.add_argument("--hosts", metavar="H", help="on so many hosts")
    hosts.add_argument("--inner", metavar="W", help="with so many workers on each host (16)")
    p.add_argument("--against", metavar="RESULT", nargs="+", help="holds rows of mpi on sleep against the model; --hosts and --latency say "
                   f"where they ran; ends with {OFF} if one is more than {100 * simulate_study.TRUSTED:.0f} %% off".replace("%%", "%%"))
    p.add_argument("--crowded", action="store_true", help="hosts have fewer processors than ranks: who waits naps at once")
    p.add_argument("--seed", metavar="N", default="1", help="of random lengths (1)")
    p.add_argument("-o", "--output", metavar="FILE", help="a picture of it: .png, .svg or .pdf")
    return p


class Given:
    """The options, read."""

    def __init__(self, words):
        o = parser().parse_args(words)
        self.figures, self.against, self.via, self.output = o.figures, o.against, o.via, o.output
        self.widths = _widths(o.workers)
        self.task_ns = _time("task", o.task, 1)
        self.kind, self.variation = _distribution(o.lengths)
        self.each = _count("tasks-per-worker", o.tasks_per_worker, MOST_TASKS // MOST_WORKERS)
        self.latency_ns = _time("latency", o.latency or "50us", 0)
        self.bandwidth = 0 if o.bandwidth == "none" else _read("bandwidth", o.bandwidth, _RATES, 1e3, 1e13,
                                                               "a rate from 1kbit to 10000Gbit, or none: give one such as 10Gbit")
        self.hosts = _count("hosts", o.hosts, MOST_WORKERS) if o.hosts else None
        self.crowded = o.crowded
        self.inner = _count("inner", o.inner, MOST_WORKERS) if o.inner else 16
        self.seed = int(_read("seed", o.seed, {"": 1}, 0, 2**53, "a whole number: give one such as 1"))
        if self.output:
            check_format(self.output)
        if self.against and not o.latency:
            raise records.Failure("--against: --latency is missing: give that of the network on which it was measured (0us on one machine)")

    def setting(self, workers, inner, task_ns=None):
        hosts = min(self.hosts or -(-workers // self.inner), workers)
        return simulate_model.Setting(workers, hosts, inner, self.via, task_ns or self.task_ns, workers * self.each, self.kind, self.variation,
                                      self.latency_ns, self.bandwidth, self.seed, self.crowded)

    def words(self):
        """What is simulated, for the head of the table and the foot of the picture."""
        lengths = self.kind if self.kind != "lognormal" else f"lognormal, variation {self.variation:g}"
        where = (f"on {self.hosts} hosts" if self.hosts else f"{self.inner} workers on a host") + (", crowded" if self.crowded else "")
        rate = f"{style.digits(self.bandwidth / 1e9)} Gbit/s" if self.bandwidth else "no limit of bandwidth"
        return (f"{self.via} · tasks of {style.duration(self.task_ns)} ({lengths}), {self.each} for each worker · {where} · "
                f"latency {style.duration(self.latency_ns)}, {rate} · seed {self.seed}")


# ---- Words ----


def _length(ns):
    return "none" if math.isnan(ns) else f"< {style.duration(ns)}" if ns <= simulate_study.SHORTEST else style.duration(ns)


def _half(study):
    return (f"{style.digits(study.outcome.speedup)}x", style.percent(study.outcome.efficiency), study.outcome.limits,
            *(_length(ns) for ns in study.shortest))


_HALF = "{:>9}  {:>6}  {:8}{:>9}{:>9}"
_NAMES = ("speedup", "eff.", "limits", "50 %", "90 %")


def _row(workers, plain, inner):
    return f"{workers:>7}" + _HALF.format(*plain) + "  |" + _HALF.format(*inner)


def _count_text(value):
    return f"{float(f'{value:.3g}'):,.0f}"


def _say_manager(plain):
    widest, cost = plain[-1], plain[-1].outcome.cost_ns
    if not cost:
        return
    yield (f"rank 0 has {style.duration(cost)} of work for each task: it feeds at most {_count_text(1e9 / cost)} tasks a second, "
           f"{_count_text(simulate_study.most_workers(widest))} workers with tasks of {style.duration(widest.setting.task_ns)}")
    half, most = simulate_study.rule(plain)
    if math.isfinite(half) and math.isfinite(most):
        yield (f"where rank 0 limits, tasks have to be as long as workers x {style.duration(half)} for 50 % efficiency, workers x "
               f"{style.duration(most)} for 90 % ({style.digits(half / cost, 2)} and {style.digits(most / cost, 2)} times rank 0's work)")


def _say_inner(plain, inner):
    a, b = plain[-1], inner[-1]
    if not b.outcome.cost_ns:
        return
    text = f"with inner= rank 0 has {style.duration(b.outcome.cost_ns)} for each task"
    if all(math.isfinite(s.shortest[0]) for s in (a, b)):
        ratio = a.shortest[0] / b.shortest[0]
        text += (f"; for 50 % at {b.setting.workers} workers tasks may be {style.digits(max(ratio, 1 / ratio), 2)} times "
                 f"{'shorter' if ratio >= 1 else 'longer, not shorter'}")
    yield text


# ---- All ----


def _table(given, figures):
    """Prints all that was found. Returns the outcomes by their settings."""
    print(f"{given.words()}\nfigures: {figures.source}\n")
    print(" " * 7 + f"{'a rank for each worker':>26}" + " " * 19 + "  |" + f"{'inner=: a rank for each host':>32}")
    print(_row("workers", _NAMES, _NAMES).rstrip())
    plain, inner = [], []
    for workers in given.widths:
        plain.append(simulate_study.study(given.setting(workers, False), figures))
        inner.append(simulate_study.study(given.setting(workers, True), figures))
        print(_row(workers, _half(plain[-1]), _half(inner[-1])).rstrip(), flush=True)
    print()
    for text in [*_say_manager(plain), *_say_inner(plain, inner)]:
        print(text)
    return {study.setting: study.outcome for study in plain + inner}


def _held(given, figures):
    """Prints what was measured beside the model's. Returns whether all is near enough."""
    print(f"figures: {figures.source}\n\n{'measured':>12}{'model':>16}{'off':>9}")
    found = list(simulate_study.matches(given.against, given, figures))
    for match in found:
        half = (match.measured.high - match.measured.low) / 2
        within = f" ±{half:.2f}" if math.isfinite(half) else ""
        print(f"{match.measured.value:>11.2f}x{within:6}{match.model:>9.2f}x{style.percent(match.deviation, signed=True):>9}  {match.name}")
    off = [m for m in found if abs(m.deviation) > simulate_study.TRUSTED]
    print(f"\n{len(found) - len(off)} of {len(found)} within {style.percent(simulate_study.TRUSTED)}")
    return not off


def run(words):
    given = Given(words)
    figures = simulate_figures.load(given.figures)
    figures.source = os.path.relpath(figures.source, ROOT) if figures.source == FIGURES else figures.source
    if given.against:
        return 0 if _held(given, figures) else OFF
    known = _table(given, figures)
    if given.output:
        figure = simulate_draw.draw(given, figures, known)
        write(figure, given.output, " ".join(figure.findings))
        print(given.output)
    return 0


def main(words):
    try:
        return run(words)
    except records.Failure as e:
        return records.complain("simulate", e)
