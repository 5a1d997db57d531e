"""A runner that is launched as ranks, which compute nothing: rank 0 does all, and says that workers are elsewhere.

The first argument is a mode: `one` host or `two`; or how it ends: `kill` (in the third round the last rank is killed), `launcher`
(the launcher is), `talk` (it talks much on standard error, and dies), `error` (rank 0 says itself what is wrong), `nowhere` (it does
not say where its workers are), `astray` (workers run elsewhere than planned).
"""
import json
import os
import signal
import sys

MASK = (1 << 64) - 1
MODE = sys.argv[1]
RANK = int(os.environ.get("FAKE_RANK", "0"))
PIDS = [os.getpid()] + [int(pid) for pid in os.environ.get("FAKE_PIDS", "").split()]
LAUNCHED = sys.argv[-1] == "ranks"
SEEN = ["OMPI_MCA_hwloc_base_binding_policy", "OMPI_MCA_rmaps_base_oversubscribe", "OMPI_ALLOW_RUN_AS_ROOT"]

if RANK:
    signal.pause()

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(**message):
    out.write(json.dumps(message) + "\n")
    out.flush()


def mix(i, value):
    z = (value + 0x9E3779B97F4A7C15 * (i + 1)) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def described(name, **more):
    return {"item": name, "name": name.split(":")[0], "canonical": name, "full": name, **more}


def executor(name):
    return described(name, summary="ranks" if "serial" not in name else "one", **({} if "serial" in name else {"launched": True}))


def pu(cpu):
    return {"cpu": cpu, "core": cpu, "package": 0, "numa_node": 0, "last_level_cache": 0, "smt": 0, "efficiency": 0}


def host(name, ranks, asked):
    workers = [rank - 1 for rank in ranks if rank and rank <= asked["workers"]]
    return {"name": name, "ranks": ranks, "pids": [PIDS[rank] for rank in ranks], "workers": workers,
            "planned": [str(i) for i in range(len(workers))], "effective": "core", "reason": "",
            "machine": {"source": "live", "source_text": "", "cpu_model": "Toy 4000", "memory_bytes": 1 << 30, "packages": 1,
                        "numa_nodes": 1, "cores": 4, "smt": False, "pus": [pu(i) for i in range(4)], "caches": []},
            "limits": {"allowed": "0-3", "quota": None, "usable": 4, "processors": 4, "limited_by": "none", "where": ""}}


def hosts(asked):
    ranks = list(range(len(PIDS)))
    if MODE == "nowhere":
        return []
    if MODE == "one":
        return [host("nodeA", ranks, asked)]
    return [host("nodeA", ranks[0::2], asked), host("nodeB", ranks[1::2], asked)]


def ready(asked):
    more = {}
    if LAUNCHED:
        more["hosts"] = hosts(asked)
        more["notes"] = [f"policy {asked.get('policy')}", "words " + os.environ.get("FAKE_WORDS", "")] + [
            f"{name}={os.environ[name]}" for name in SEEN if name in os.environ]
    say(type="ready", protocol=1, tasks=8, statuses=["ok", "error"], **more)


def misbehave(round):
    if not LAUNCHED or round < 2:
        return
    if MODE == "kill":
        os.kill(PIDS[-1], signal.SIGKILL)
        signal.pause()
    if MODE == "launcher":
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    if MODE == "talk":
        for i in range(4000):
            print("line", i, "of what nobody asked for", file=sys.stderr)
        print("the \x1b[1mlast\x1b[0m of it", file=sys.stderr, flush=True)
        os._exit(3)
    if MODE == "error":
        say(type="error", code=-5, text="rank 1: it has lost its mind: give it another")
        signal.pause()


workers, cells = 0, 0
for line in sys.stdin:
    asked = json.loads(line)
    kind = asked["type"]
    if kind == "describe":
        everything = not asked["workloads"] and not asked["executors"]
        say(type="description", workloads=[described(name, bound="io") for name in (["wait"] if everything else asked["workloads"])],
            executors=[executor(name) for name in (["fake.serial", "fake.ranks"] if everything else asked["executors"])])
    elif kind == "open":
        workers = asked["workers"]
        ready(asked)
    elif kind == "run":
        if not asked["times"]:
            misbehave(cells)
            cells += 1
        tasks = asked["tasks"]
        count = workers if LAUNCHED else 1
        each = [{"tasks": tasks // count + (w < tasks % count), "cpu_ns": 1,
                 "cpu": 3 if MODE == "astray" else w // 2 if MODE != "one" else w} for w in range(count)]
        say(type="sample", round=asked["round"], tasks=tasks, makespan_ns=1000000 // count, cpu_ns=1000,
            digest="%016x" % (sum(mix(i, i) for i in range(tasks)) & MASK), status=[tasks], workers=each,
            **({"task_ns": [1.0] * tasks} if asked["times"] else {}))
    elif kind == "close":
        say(type="closed")
        break
