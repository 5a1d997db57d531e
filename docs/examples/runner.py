import concurrent.futures, json, os, time

requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")  # the protocol's own from now on
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)  # what tasks print goes to standard error
WORKLOADS, EXECUTORS, MASK, pool = ["squares"], ["mine.serial", "mine.thread"], 2**64 - 1, None

def task(i):  # the work: returns what it computed, which differs with i
    return sum(k * k for k in range(i, i + 2000)) & MASK

def mix(i, value):
    z = (value + 0x9E3779B97F4A7C15 * (i + 1)) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)

def describe(kind, have, asked, **more):
    for item in asked:
        if item not in have:
            raise ValueError(f"{kind} {item}: there is none of that name: take one of {', '.join(have)}")
    return [{"item": item, "name": item, "canonical": item, "full": item, **more} for item in asked]

def answer(request):
    global pool
    kind = request["type"]
    if kind == "describe":
        everything = not request["workloads"] and not request["executors"]
        return {"type": "description",
                "workloads": describe("workload", WORKLOADS, WORKLOADS if everything else request["workloads"], bound="cpu"),
                "executors": describe("executor", EXECUTORS, EXECUTORS if everything else request["executors"])}
    if kind == "open" and request["protocol"] == 1 and not pool:
        describe("workload", WORKLOADS, [request["workload"]])
        describe("executor", EXECUTORS, [request["executor"]])
        pool = concurrent.futures.ThreadPoolExecutor(request["workers"] if request["executor"] == "mine.thread" else 1)
        return {"type": "ready", "protocol": 1, "tasks": 0, "statuses": ["ok", "error"]}
    if kind == "run" and pool and not request["times"]:
        cpu, began, tasks = time.process_time_ns(), time.perf_counter_ns(), request["tasks"]
        values = list(pool.map(task, range(tasks)))
        makespan, cpu = time.perf_counter_ns() - began, time.process_time_ns() - cpu
        digest = sum(mix(i, value) for i, value in enumerate(values)) & MASK
        return {"type": "sample", "round": request["round"], "tasks": tasks, "makespan_ns": makespan, "cpu_ns": cpu,
                "digest": f"{digest:016x}", "status": [tasks]}
    if kind == "close":
        return {"type": "closed"}
    raise ValueError(f"{kind}: it is not for now, or not for here: see docs/runner-protocol.md")

for line in requests:
    try:
        said = answer(json.loads(line))
    except ValueError as error:
        said = {"type": "error", "code": -22, "text": str(error)}
    print(json.dumps(said), file=answers, flush=True)
    if said["type"] == "closed":
        break
