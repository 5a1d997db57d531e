"""A runner in Python, as small as one can be: two workloads, two executors.

`toy` adds numbers and counts them; `nap` sleeps, tells of progress, and one of its tasks is not found. The first argument is a
mode, in which it breaks the protocol, or dies, in some way of its own: tests/test_runners.c says what is then to be seen.
"""
import concurrent.futures
import json
import os
import sys
import threading
import time

MASK = (1 << 64) - 1
MODE = sys.argv[1] if len(sys.argv) > 1 else ""
PREFIX = "" if MODE == "namesake" else "toy."

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what is printed harms nothing


def say(**message):
    out.write(json.dumps(message) + "\n")
    out.flush()


def mix(index, digest):
    x = ((index + 1) * 0x9E3779B97F4A7C15 + digest) & MASK
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK
    return x ^ x >> 31


def toy(index, size):
    return sum(range(index, index + size)) & MASK


def nap(index, size):
    time.sleep(size / 1e6)
    return index


WORKLOADS = {"toy": (toy, "cpu", 1000), "nap": (nap, "io", 100)}
EXECUTORS = {PREFIX + "serial": "one after the other", PREFIX + "thread": "a pool of threads"}


class Failed(Exception):
    pass


def split(item):
    """The function's name and the size of an item "toy:size=3"."""
    name, _, rest = item.partition(":")
    if name not in WORKLOADS:
        raise Failed(-2, f"workload {name}: there is none of that name: there are {', '.join(WORKLOADS)}")
    size = WORKLOADS[name][2]
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        if key != "size" or not value.isdigit():
            raise Failed(-22, f"workload {name}: {pair}: unknown: there is size=N")
        size = int(value)
    return name, size


def describe_workload(item):
    name, size = split(item)
    return {"item": item, "name": name, "summary": f"the toy's {name}", "canonical": item, "full": f"{name}:size={size}",
            "bound": WORKLOADS[name][1],
            "params": [{"name": "size", "type": "count", "default": str(WORKLOADS[name][2]), "help": "how much of it"}]}


def describe_executor(item):
    if item not in EXECUTORS:
        raise Failed(-22, f"executor {item}: there are {', '.join(EXECUTORS)}, without parameters")
    return {"item": item, "name": item, "summary": EXECUTORS[item], "canonical": item, "full": item}


def describe(asked):
    everything = not asked["workloads"] and not asked["executors"]
    workloads = WORKLOADS if everything else asked["workloads"]
    executors = EXECUTORS if everything else asked["executors"]
    say(type="description", workloads=[describe_workload(item) for item in workloads],
        executors=[describe_executor(item) for item in executors])


class Cell:
    def __init__(self, asked):
        self.name, self.size = split(asked["workload"])
        self.function = WORKLOADS[self.name][0]
        self.serial = asked["executor"].endswith("serial")
        self.workers = 1 if self.serial else asked["workers"]
        self.pool = None if self.serial else concurrent.futures.ThreadPoolExecutor(self.workers)

    def tell(self, asked):
        notes = [f"toy: via {asked['via']}, {len(asked['binding'])} places"]
        if os.environ.get("PYTHON_GIL"):
            notes.append(f"PYTHON_GIL={os.environ['PYTHON_GIL']}")
        say(type="ready", protocol=2 if MODE == "version" else 1, tasks=8 if self.name == "nap" else 0, bytes_per_task=0,
            statuses=["ok", "error", "not_found"], counters=["additions"], executor_counters=["handed out"], notes=notes,
            pids=[])

    def run(self, asked):
        if MODE == "refuse" and not self.serial:
            raise Failed(-95, "toy: it wants one worker")
        if asked["times"] and MODE == "untimed":
            raise Failed(-22, "toy: it clocks no tasks")
        tasks, times = asked["tasks"], []
        cpu, began = time.process_time_ns(), time.monotonic_ns()
        if self.serial:
            digests = []
            for i in range(tasks):
                start = time.monotonic_ns()
                digests.append(self.function(i, self.size))
                times.append(time.monotonic_ns() - start)
        else:
            digests = list(self.pool.map(self.function, range(tasks), [self.size] * tasks, chunksize=1))
        makespan = time.monotonic_ns() - began
        missing = 1 if self.name == "nap" and tasks > 3 else 0
        sample = {"round": asked["round"], "tasks": tasks, "makespan_ns": makespan, "cpu_ns": time.process_time_ns() - cpu,
                  "digest": "%016x" % (sum(mix(i, d) for i, d in enumerate(digests)) & MASK),
                  "status": [tasks - missing, 0, missing], "counters": [tasks * self.size],
                  "executor_counters": [0 if self.serial else tasks], "workers": [], "pids": []}
        if missing:
            say(type="progress", ended=tasks // 2)
            sample["failures"] = [{"task": 3, "status": 2, "reason": "no such nap"}]
        if asked["times"]:
            sample["task_ns"] = times
        say(type="sample", **sample)


def misbehave(kind):
    """What the mode does in place of, or before, answering a request of this type."""
    if MODE == kind + "-dies":
        os._exit(3)
    if MODE == kind + "-killed":
        os.kill(os.getpid(), 9)
    if MODE == kind + "-hangs":
        threading.Event().wait()
    if MODE == kind + "-unended":
        out.write('{"type":"ready"')
        out.flush()
        os._exit(0)
    if MODE == kind + "-garbage":
        out.write("here it comes\n")
        out.flush()
    if MODE == kind + "-extra":
        say(type="closed")
    if MODE == kind + "-nameless":
        say(protocol=1)


def main():
    cell = None
    for line in sys.stdin:
        asked = json.loads(line)
        kind = asked["type"]
        misbehave(kind)
        try:
            if kind == "describe":
                describe(asked)
            elif kind == "open" and asked["protocol"] == 1 and not cell:
                cell = Cell(asked)
                cell.tell(asked)
            elif kind == "run" and cell:
                cell.run(asked)
            elif kind == "close":
                say(type="closed")
                return
            else:
                raise Failed(-71, f"toy: {kind}: it is no request, or not one for now: see the protocol")
        except Failed as failure:
            say(type="error", code=failure.args[0], text=failure.args[1])


main()
