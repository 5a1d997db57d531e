"""One function under one executor, and its repetitions. The clock is read directly around the tasks; everything else,
the sum of the digests too, stands outside."""

import contextlib
import gc
import sys
import threading
import time

from parbench_runner import executors, interpreter, system, usage
from parbench_runner.digest import MASK, mix
from parbench_runner.errors import RunnerError
from parbench_runner.functions import Function

VIAS = ("for", "submit", "map")
FAILURES_TOLD = 16
FIRST_PROGRESS, NEXT_PROGRESS = 0.5, 0.2  # seconds
MOST_WORKERS = 4096


def get(request, key, kind, default):
    """Of a request; what is missing says nothing, what is of another type is an error."""
    value = request.get(key)
    if value is None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RunnerError(-71, "runner protocol: %s is a %s: send %s"
                          % (key, type(value).__name__, kind.__name__))
    return value


class _Progress:
    """Tells how many tasks have ended, after half a second and then five times a second."""

    def __init__(self, tell, results):
        self._tell, self._results = tell, results
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _tick(self):
        wait = FIRST_PROGRESS
        while not self._over.wait(wait):
            wait = NEXT_PROGRESS
            try:
                self._tell(len(self._results))
            except OSError:
                return

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def _read_bindings(request):
    bindings = []
    for text in get(request, "binding", list, []):
        try:
            bindings.append(system.parse_processors(text))
        except (ValueError, AttributeError):
            raise RunnerError(-22, 'runner protocol: binding "%s" is no list of processors: send one as 0-3,8'
                              % (text,)) from None
    return bindings


class Cell:
    def __init__(self, request, descriptors):
        via = get(request, "via", str, "for")
        if via not in VIAS:
            raise RunnerError(-22, "--via %s: this runner has for, submit and map: choose one" % via)
        found = executors.find(get(request, "executor", str, ""))
        if found.absent():
            raise RunnerError(-95, "executor %s: %s" % (found.name, found.absent()))
        workers = get(request, "workers", int, 1)
        if not 1 <= workers <= MOST_WORKERS and found is not executors.Loop:
            raise RunnerError(-22, "%s: %d workers: ask for 1 to %d" % (found.name, workers, MOST_WORKERS))
        bindings = _read_bindings(request)
        self._function = Function(get(request, "workload", str, ""))
        self._tasks, self._bytes = self._function.tasks, self._function.bytes_per_task
        values = self._function.set_up()
        self._executor = None
        try:
            self._executor = found(self._function, values, max(workers, 1), bindings, via, descriptors)
        finally:
            if not self._executor:
                self._function.tear_down()

    def ready(self):
        notes = ["%s: %s" % (sys.executable, interpreter.describe())] + self._executor.notes
        return {"tasks": self._tasks, "bytes_per_task": self._bytes, "statuses": self._function.statuses,
                "counters": [], "executor_counters": [], "notes": notes, "pids": self._pids()}

    def _pids(self):
        return [str(pid) for pid in self._executor.pids]

    def run(self, request, tell_progress):
        tasks, timed = get(request, "tasks", int, 0), get(request, "times", bool, False)
        if self._executor.refusal:
            raise RunnerError(-95, self._executor.refusal)
        if timed and not isinstance(self._executor, executors.Serial):
            raise RunnerError(-22, "runner protocol: times are measured on py.serial only")
        results = {}
        repeat = self._executor.repeat_timed if timed else self._executor.repeat
        watch = _Progress(tell_progress, results) if self._function.bound == "io" else contextlib.nullcontext()
        gc.collect()  # so that each repetition begins alike
        before, workers = usage.Usage(self._executor.pids), self._executor.account()
        with watch:
            cpu, began = usage.cpu_ns(self._executor.pids), time.perf_counter_ns()
            times = repeat(tasks, results)
            makespan = time.perf_counter_ns() - began
            cpu = usage.cpu_ns(self._executor.pids) - cpu
            self._executor.ended += tasks
            workers_now = self._executor.account()
        sample = {"round": get(request, "round", int, 0), "tasks": tasks, "makespan_ns": makespan, "cpu_ns": cpu}
        sample.update(usage.Usage(self._executor.pids).since(before))
        sample["workers"] = [{"tasks": now[0] - was[0], "cpu_ns": now[1] - was[1], "cpu": now[2]}
                             for was, now in zip(workers, workers_now)]
        sample.update(self._sum_up(results), pids=self._pids())
        if timed:
            sample["task_ns"] = times
        return sample

    def _sum_up(self, results):
        digest, status, failures = 0, [0] * len(self._function.statuses), []
        for i, outcome in results.items():
            if type(outcome) is int:
                digest += mix(i, outcome)
                status[0] += 1
                continue
            kind, reason = outcome
            digest += mix(i, 0)
            status[kind] += 1
            failures.append({"task": i, "status": kind, "reason": reason})
        failures.sort(key=lambda failure: failure["task"])
        while status and not status[-1]:
            status.pop()
        return {"digest": "%016x" % (digest & MASK), "status": status, "failures": failures[:FAILURES_TOLD]}

    def close(self):
        self._executor.close()
        self._function.tear_down()
