"""A runner that keeps to the protocol; or, by its argument, one that breaks it in one way: see ANSWERS and DEEDS.

It does nothing useful, but says everything that the protocol has room for.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import threading
import time

MASK = 2**64 - 1
MODE = sys.argv[1] if len(sys.argv) > 1 else "honest"
STATUSES = ["ok", "error", "odd"]

source, sink = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)


def write(line):
    sink.write(line + b"\n")
    sink.flush()


class Refused(Exception):
    """(code, text) of an error."""


# ---- What an answer of that type becomes instead ----


def cut_digest(m):
    m["digest"] = m["digest"][1:]


def wander(m):
    m["digest"] = "%016x" % (int(m["digest"], 16) + m["round"] & MASK)


def lose_update(m):
    if not cell.serial:
        m["digest"] = "%016x" % (int(m["digest"], 16) ^ 1)


ANSWERS = {
    "digest": ("sample", cut_digest),
    "capitals": ("sample", lambda m: m.update(digest="0123456789ABCDEF")),
    "wanders": ("sample", wander),
    "races": ("sample", lose_update),
    "statuses": ("sample", lambda m: m.update(status=[m["tasks"] - 1])),
    "more-statuses": ("sample", lambda m: m.update(status=[0, 0, 0, m["tasks"]])),
    "missing": ("sample", lambda m: m.pop("makespan_ns")),
    "no-time": ("sample", lambda m: m.update(makespan_ns=0)),
    "text": ("sample", lambda m: m.update(cpu_ns=str(m["cpu_ns"]))),
    "round": ("sample", lambda m: m.update(round=m["round"] + 1)),
    "counters": ("sample", lambda m: m.update(counters=[1, 2, 3])),
    "latency": ("sample", lambda m: m.update(latency=[[9, 1], [5, 1]])),
    "bucket": ("sample", lambda m: m.update(latency=[[1000000, 1]])),
    "failures": ("sample", lambda m: m.update(failures=[{"task": m["tasks"], "status": 2, "reason": "odd"}])),
    "workers": ("sample", lambda m: m.update(workers=[{"tasks": 0, "cpu_ns": 0, "cpu": -1}])),
    "unasked-times": ("sample", lambda m: m.setdefault("task_ns", [1] * m["tasks"])),
    "names": ("ready", lambda m: m.update(statuses=["good", "bad"])),
    "version": ("ready", lambda m: m.update(protocol=2)),
    "pids": ("ready", lambda m: m.update(pids=["1"])),
    "itself": ("ready", lambda m: m.update(pids=[os.getpid()])),
    "no-pids": ("ready", lambda m: m.update(pids=["none"])),
    "item": ("description", lambda m: [d.update(item="else") for d in m["workloads"]]),
    "bound": ("description", lambda m: [d.update(bound="disk") for d in m["workloads"]]),
    "code": ("error", lambda m: m.update(code=-m["code"])),
    "nothing": ("error", lambda m: m.update(text="")),
}


def say(kind, **message):
    if MODE in ANSWERS and ANSWERS[MODE][0] == kind:
        ANSWERS[MODE][1](message)
    write(json.dumps({"type": kind, **message}).encode())


# ---- What is done besides, before a request of that type is answered ----


def survive():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)


def spin():
    def turn():
        while True:
            pass

    threading.Thread(target=turn, daemon=True).start()


DEEDS = {
    "prints": ("run", lambda: write(b"halfway there")),
    "stammers": ("run", lambda: say("closed")),
    "latin": ("run", lambda: write('{"type":"progress","ended":1,"where":"caf\xe9"}'.encode("latin1"))),
    "chats": ("describe", lambda: say("progress", ended=0)),
    "dies": ("run", lambda: os._exit(3)),
    "killed": ("run", lambda: os.kill(os.getpid(), 9)),
    "hangs": ("run", threading.Event().wait),
    "survivor": ("run", survive),
    "spins": ("run", spin),
    "ill": ("close", lambda: sys.exit(3)),
    "lingers": ("closed", threading.Event().wait),
    "fails": ("closed", lambda: os._exit(4)),
    "deaf": ("telex", threading.Event().wait),
    "twice": ("ran", lambda: say("closed")),
}


def do(kind):
    if MODE in DEEDS and DEEDS[MODE][0] == kind and (cell or kind not in ("run", "close")):
        DEEDS[MODE][1]()


# ---- The work ----


def mix(i, value):
    z = value + 0x9E3779B97F4A7C15 * (i + 1) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def task(i):
    return sum(range(i, i + 1000))


def find(kind, names, item):
    if item not in names:
        raise Refused(-2, f"{kind} {item}: there is none of that name: take {' or '.join(names)}")
    return {"item": item, "name": item, "summary": f"the {kind} {item}", "canonical": item, "full": item, "params": []}


WORKLOADS, EXECUTORS = ("sums", "gone"), ("toy.thread", "toy.serial", "toy.rank")


def workload(item):
    more = {"absent": "it is only here to be absent"} if item == "gone" else {"bound": "cpu"}
    return dict(find("workload", WORKLOADS, item), **more)


def executor(item):
    more = {"absent": "it needs a launcher"} if item == "toy.rank" else {}
    return dict(find("executor", EXECUTORS, item), **more)


class Cell:
    def __init__(self, asked):
        self.serial = executor(asked["executor"])["name"] == "toy.serial"
        workload(asked["workload"])
        self.pool = concurrent.futures.ThreadPoolExecutor(1 if self.serial else asked["workers"])

    def run(self, asked):
        tasks = asked["tasks"]
        if tasks > 1:
            say("progress", ended=tasks // 2)
        cpu, began = time.process_time_ns(), time.perf_counter_ns()
        values = list(self.pool.map(task, range(tasks)))
        took = {"makespan_ns": time.perf_counter_ns() - began, "cpu_ns": time.process_time_ns() - cpu}
        if asked["times"]:
            took["task_ns"] = [1.5] * tasks
        digest = "%016x" % (sum(mix(i, value) for i, value in enumerate(values)) & MASK)
        say("sample", round=asked["round"], tasks=tasks, **took, digest=digest, status=[tasks - 1, 0, 1], voluntary=-1,
            peak_bytes=1 << 20, counters=[7], executor_counters=[], latency=[[5, tasks], [9, 1]],
            failures=[{"task": 0, "status": 2, "reason": "0 is no odd number"}],
            workers=[{"tasks": tasks, "cpu_ns": took["cpu_ns"], "cpu": -1}], pids=[])


cell = None


def describe(asked):
    everything = not asked["workloads"] and not asked["executors"]
    say("description", workloads=[workload(item) for item in (WORKLOADS if everything else asked["workloads"])],
        executors=[executor(item) for item in (EXECUTORS if everything else asked["executors"])])


def open_cell(asked):
    global cell
    if cell:
        raise Refused(-16, "open: it came twice: start another runner")
    if asked["protocol"] != 1:
        raise Refused(-71, "open: this runner speaks version 1: ask for that")
    cell = Cell(asked)
    say("ready", protocol=1, tasks=0, bytes_per_task=0, statuses=STATUSES, counters=["sums", "carries"],
        executor_counters=["calls"], notes=["a toy"], pids=[])


def run(asked):
    if not cell:
        raise Refused(-22, "run: it came before open: open first")
    cell.run(asked)
    do("ran")


def calibrate(asked):
    say("calibrated", work_rate=12.5)


def close(asked):
    say("closed")
    do("closed")
    os._exit(0)


SERVANTS = {"describe": describe, "calibrate": calibrate, "open": open_cell, "run": run, "close": close}

for line in source:
    request = json.loads(line)
    try:
        do(request["type"])
        if request["type"] not in SERVANTS:
            raise Refused(-71, "it is no request: what was meant is not known: see the protocol")
        SERVANTS[request["type"]](request)
    except Refused as refused:
        say("error", code=refused.args[0], text=refused.args[1])
