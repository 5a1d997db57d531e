"""CASE FOLDER TEMPLATE FIGURES: the model of scripts/simulate where what comes out is known: without costs it is list scheduling, no
server is faster than its work allows, a link passes its rate. TEMPLATE is a result of a run with sleep under thread; FIGURES
are figures that were invented for this."""
import contextlib
import copy
import heapq
import io
import json
import math
import os
import sys

import checks  # noqa: F401 # finds the package

from pictures import simulate as script
from pictures import simulate_figures, simulate_model, simulate_study, simulate_work

ONE_MS = 1e6


def free(**changed):
    """Figures of a machine on which nothing costs anything, nobody naps, and no task is sent before a worker is free; with what is
    changed."""
    figures = simulate_figures.made({**dict.fromkeys(simulate_figures.FIGURES, 0)})
    figures.WORTH, figures.SPIN_NS, figures.CHUNK_NS = 0, 10**12, 0
    for name, value in changed.items():
        assert hasattr(figures, name), name
        setattr(figures, name, value)
    return figures


def setting(workers, **changed):
    known = {"hosts": min(4, workers), "tasks": 20 * workers, "kind": "exponential", **changed}
    return simulate_model.Setting(workers, known.pop("hosts"), **known)


def near(a, b, within=1e-9):
    return abs(a - b) <= within * max(abs(a), abs(b))


# ---- What is known of a machine without costs ----


def one_worker(*_):
    for via in ("submit", "for"):
        for inner in (False, True):
            for kind in simulate_work.DISTRIBUTIONS:
                o = simulate_model.run(setting(1, kind=kind, via=via, inner=inner, tasks=1000), free())
                assert near(o.speedup, 1) and o.limits == "-", (via, inner, kind, o)


def _list_schedule(lengths, workers):
    done = [0.0] * workers
    for length in lengths:
        heapq.heapreplace(done, done[0] + length)
    return max(done)


def list_scheduling(*_):
    """Without costs or latency each task goes to whoever is free first, in the order of tasks, whatever host that is on."""
    for workers, tasks in ((2, 7), (5, 100), (16, 16), (64, 1000), (100, 30)):
        s = setting(workers, tasks=tasks, hosts=min(workers, 7))
        lengths = simulate_work.Lengths(s.kind, s.task_ns, s.variation, s.seed).some(tasks)
        for inner in (False, True):
            o = simulate_model.run(s._replace(inner=inner), free())
            assert near(o.span_ns, _list_schedule(lengths, workers), 1e-6), (s, inner, o)
            assert o.span_ns <= (sum(lengths) / workers + max(lengths)) * (1 + 1e-9)  # Graham's bound


def every_task(*_):
    """Loops lose none: the work is that of all tasks, and no width exceeds itself."""
    for via in ("submit", "for"):
        for workers in (1, 3, 40):
            for tasks in (1, 2, 39, 40, 41, 5000):
                for inner in (False, True):
                    s = setting(workers, kind="fixed", via=via, inner=inner, tasks=tasks, latency_ns=1e5)
                    o = simulate_model.run(s, free(send_ns=1000, manager_task_ns=100, manager_chunk_ns=100))
                    assert near(o.work_ns, tasks * ONE_MS) and 0 < o.efficiency <= 1 + 1e-9, (s, o)


# ---- Servers ----


def rank_0(*_):
    """Its work for each task bounds what all workers do, and where they could do more it is what they do."""
    figures = free(manager_task_ns=1000, manager_chunk_ns=1000, send_ns=2000, receive_ns=3000, local_send_ns=2000, local_receive_ns=3000)
    for kind in ("fixed", "exponential"):
        for workers in (10, 100, 1000):
            o = simulate_model.run(setting(workers, kind=kind, tasks=30 * workers), figures)
            rate = o.work_ns / ONE_MS / o.span_ns  # tasks in a ns
            assert rate <= 1 / 6000 * (1 + 1e-2) and o.manager <= 1 + 1e-9, (kind, workers, o)
            assert near(o.cost_ns, 6000), o
            if workers == 1000:
                assert o.limits == "manager" and o.manager > 0.97, o
    o = simulate_model.run(setting(1000, kind="fixed", via="for", task_ns=1e4, tasks=10**6), figures)
    assert o.cost_ns < 6000 and near(o.cost_ns * 10**6, o.manager * o.span_ns) and o.manager <= 1 + 1e-9, o
    seats = simulate_model.run(setting(100, kind="fixed"), free(manager_seat_ns=40))
    assert near(seats.cost_ns, 1.5 * 100 * 40, 1e-2), seats  # all for each message that is sent, half of them for one that came


def shortest(*_):
    """Of a saturated rank 0 efficiency is tasks' length over workers x work, up to 1."""
    figures = free(manager_task_ns=1000, AT_MOST=1)  # it takes no others before it refills
    s = setting(40, kind="fixed", tasks=40 * 100)
    for target in (0.5, 0.8):
        found = simulate_study.shortest(s, figures, target, ONE_MS)
        assert near(found, target * 40 * 1000, 0.05), (target, found)
    assert simulate_study.shortest(s, free(), 0.9, ONE_MS) == simulate_study.SHORTEST
    never = setting(4, kind="lognormal", variation=4.0, tasks=8)
    assert math.isnan(simulate_study.shortest(never, figures, 0.999, ONE_MS))
    held = simulate_study.study(s._replace(task_ns=20_000), figures)
    assert near(simulate_study.most_workers(held), 20) and near(simulate_study.rule([held])[0], 500, 0.05), held


def network(*_):
    """One task on another host: out and back it passes two links each way; many: the first of them gives the rate."""
    figures = free(message_bytes=1000, args_bytes=250)
    one = setting(2, hosts=2, kind="fixed", tasks=2, latency_ns=5e5, bandwidth=int(1e9))
    out = 1000 + simulate_model.HEAD + simulate_model.TASK + 250
    there, back = 2 * out * 8, 2 * 8 * (1000 + simulate_model.TOLD + simulate_model.ACCOUNT + simulate_work.RESULT_BYTES)
    o = simulate_model.run(one, figures)
    assert near(o.span_ns, ONE_MS + 2 * 5e5 + there + back), o
    many = setting(64, hosts=64, kind="fixed", task_ns=10_000, tasks=64 * 100, bandwidth=int(1e9))
    o = simulate_model.run(many, figures)
    rate = 1 / 10_000 + 1 / (out * 8)  # tasks in a ns: of the worker on rank 0's own host, and through the link
    assert o.limits == "network" and o.span_ns >= many.tasks / rate * (1 - 1e-2) and near(o.span_ns, many.tasks / rate, 0.05), (o, many.tasks / rate)


def latency(*_):
    for via in ("submit", "for"):
        for inner in (False, True):
            spans = [simulate_model.run(setting(32, kind="fixed", via=via, inner=inner, latency_ns=us * 1e3, tasks=3200), free(send_ns=500)).span_ns
                     for us in (0, 1, 10, 100, 1000, 10000)]
            assert all(a <= b * (1 + 1e-9) for a, b in zip(spans, spans[1:])), (via, inner, spans)
    alone = setting(8, hosts=8, kind="fixed", tasks=800, latency_ns=2e6)
    assert simulate_model.run(alone, free()).limits == "latency"
    assert simulate_model.run(alone, free(WORTH=50)).efficiency > 0.9, "tasks in flight do not cover the way"


def naps(*_):
    """Whoever waits is late by no more than a share of how long it waited, and not at all at first; and whoever is woken by
    its own host, as long as that takes."""
    figures = simulate_figures.made({**dict.fromkeys(simulate_figures.FIGURES, 0), "ring_ns": 7})
    for crowded in (False, True):
        for longest in (figures.NAP_AWAITING_NS, figures.NAP_IDLE_NS):
            waits = simulate_work.Naps(figures, crowded, longest)
            at_once = 0 if crowded else figures.SPIN_NS
            for idle in (0, 1000, at_once, at_once + 1, 10**5 + 7, 10**6 + 7, 10**7 + 7, 10**8 + 7, 10**10 + 7):
                late = waits.seen(50, 50 + idle, False) - 50 - idle
                most = 0 if idle <= at_once else min(max(figures.NAP_LEAST_NS, idle / figures.NAP_SHARE), longest)
                assert 0 <= late <= most and not (late == 0) == (idle > at_once), (crowded, longest, idle, late)
                assert waits.seen(50, 50 + idle, True) == 50 + idle + (0 if idle <= at_once else 7)
    one, two = setting(1, kind="fixed", tasks=10), setting(2, hosts=2, kind="fixed", tasks=20)
    assert 10 * ONE_MS < simulate_model.run(one, figures).span_ns < 10 * ONE_MS + 10 * 2 * 7 + 7, "naps on one host"
    span = simulate_model.run(two, figures).span_ns
    assert 10 * ONE_MS + 100 < span <= 10 * ONE_MS * (1 + 1 / figures.NAP_SHARE) + figures.NAP_IDLE_NS, span
    assert simulate_model.run(two._replace(crowded=True), simulate_figures.made({**vars_of(figures), "wake_ns": 10**5})).span_ns > span


def vars_of(figures):
    return {name: getattr(figures, name) for name in simulate_figures.FIGURES}


def seeds(_, __, path):
    figures = simulate_figures.load(path)
    for via in ("submit", "for"):
        for inner in (False, True):
            s = setting(50, via=via, inner=inner, latency_ns=1e5, bandwidth=int(1e9), tasks=2000)
            assert simulate_model.run(s, figures) == simulate_model.run(s, figures)
            assert simulate_model.run(s, figures).span_ns != simulate_model.run(s._replace(seed=2), figures).span_ns


def chunks(*_):
    """The sum of a long chunk has the mean and the spread of its tasks."""
    for kind, variation in (("exponential", 1.0), ("lognormal", 0.5)):
        lengths = simulate_work.Lengths(kind, 100.0, variation, 1)
        sums = [lengths.total(400) for _ in range(2000)]
        mean = sum(sums) / len(sums)
        spread = math.sqrt(sum((x - mean) ** 2 for x in sums) / len(sums))
        assert near(mean, 40_000, 0.01) and near(spread, 100 * variation * 20, 0.06), (kind, mean, spread)


# ---- The script ----


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = script.main(list(words))
    return code, out.getvalue(), err.getvalue()


def tells(folder, _, figures):
    picture = os.path.join(folder, "out.svg")
    words = ("--figures", figures, "--workers", "4-64", "--inner", "4", "--task", "100us", "--tasks-per-worker", "20", "--lengths", "exponential",
             "-o", picture)
    code, out, err = run(*words)
    assert code == 0 and not err, (code, err)
    rows = [line.split() for line in out.splitlines() if line.strip().split(" ")[0].isdigit()]
    assert [row[0] for row in rows] == ["4", "16", "64"], out
    assert "invented" in out and "rank 0 has " in out and out.endswith(picture + "\n"), out
    with open(picture, encoding="utf-8") as file:
        drawn = file.read()
    assert "invented" in drawn and "64 workers" in drawn
    assert run(*words) == (code, out, err)
    with open(picture, encoding="utf-8") as file:
        assert file.read() == drawn, "drawn otherwise the second time"
    code, out, err = run("--figures", figures, "--workers", "8", "--hosts", "2", "--via", "for", "--bandwidth", "none")
    assert code == 0 and "on 2 hosts" in out and "no limit of bandwidth" in out, (out, err)


def _measured(template, path, figures, factor, executor="mpi:inner=thread"):
    """A result of mpi that is `factor` times as fast as the model."""
    with open(template, encoding="utf-8") as file:
        data = json.load(file)
    base = next(c for c in data["cells"] if c["workload_name"] == "sleep" and c["role"] == "base")
    cell = copy.deepcopy(next(c for c in data["cells"] if c["workload_name"] == "sleep" and c["executor"] == "thread"))
    task_ns = base["summary"]["time_ns"]["value"] / base["tasks"]
    s = simulate_model.Setting(cell["workers"], 2, "inner" in executor, "for", task_ns, cell["tasks"], "fixed", 0.0, 1e6, 1e10, 1, False, 1)
    cell.update(executor=executor)
    cell["summary"]["speedup"].update(value=simulate_model.run(s, simulate_figures.load(figures)).speedup * factor)
    data["cells"] = [base, cell]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file)
    return path


def against(folder, template, figures):
    words = ("--figures", figures, "--latency", "1ms", "--hosts", "2", "--against")
    path = os.path.join(folder, "made.json")
    for executor in ("mpi", "mpi:inner=thread"):
        for factor, code, says in ((1, 0, "+0.0 %"), (1.1, 0, "-9.1 %"), (0.8, 1, "+25 %")):
            ended, out, err = run(*words, _measured(template, path, figures, factor, executor))
            assert ended == code and says in out and f"{1 - code} of 1 within 15 %" in out, (ended, out, err)
    code, out, err = run(*words, template)
    assert code == 2 and "no row of mpi on sleep" in err, err


def refuses(folder, template, figures):
    with open(figures, encoding="utf-8") as file:
        good = json.load(file)

    def spoilt(name, edit):
        data = copy.deepcopy(good)
        edit(data["figures"])
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(data, file)
        return path

    made = _measured(template, os.path.join(folder, "made.json"), figures, 1)
    rows = (
        (["--figures", spoilt("lacks", lambda f: f.pop("send_ns"))], "lacks: missing: send_ns: "),
        (["--figures", spoilt("more", lambda f: f.update(bogus={}))], "more: unknown: bogus: "),
        (["--figures", spoilt("bare", lambda f: f.update(send_ns={"value": 1}))], "bare: send_ns: command: missing: "),
        (["--figures", spoilt("text", lambda f: f["send_ns"].update(value="1"))], "text: send_ns: value: not a number"),
        (["--figures", spoilt("less", lambda f: f["wake_ns"].update(value=-1))], "less: wake_ns: value: not a number of at least 0"),
        (["--figures", os.path.join(folder, "gone")], "gone: No such file or directory: "),
        (["--figures", template], "no file of figures: "),
        (["--workers", "16-4"], '--workers "16-4": from more to fewer: '),
        (["--workers", "1.5"], '--workers "1.5": not a whole number: '),
        (["--workers", "1000000"], '--workers "1000000": not a whole number from 1 to 100000: '),
        (["--workers", ","], '--workers "": not a whole number'),
        (["--task", "0s"], '--task "0s": not a time from 1.00 ns to an hour: '),
        (["--task", "1"], '--task "1": not a time'),
        (["--latency", "fast"], '--latency "fast": not a time'),
        (["--bandwidth", "10"], '--bandwidth "10": not a rate'),
        (["--lengths", "normal"], '--lengths "normal": not one of fixed, '),
        (["--via", "map"], "argument --via: invalid choice: 'map'"),
        (["--hosts", "2", "--inner", "4"], "not allowed with argument"),
        (["--seed", "x"], '--seed "x": not a whole number'),
        (["-o", os.path.join(folder, "out.gif")], "out.gif: not one of "),
        (["--figures", figures, "--against", made, "--hosts", "2"], "--against: --latency is missing: "),
        (["--figures", figures, "--against", made, "--latency", "1ms"], "--hosts: missing, and the result does not say"),
        (["--bogus"], "--bogus"),
    )
    for words, says in rows:
        code, out, err = run(*words)
        assert code == 2 and says in err and err.startswith("simulate: ") and err.count("\n") == 1, (words, code, out, err)


globals()[sys.argv[1]](*sys.argv[2:5])
