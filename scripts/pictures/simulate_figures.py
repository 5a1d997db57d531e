"""The figures that the model is fed with: one file, in which each number stands beside the command that gave it."""
import json
import math
from types import SimpleNamespace

from .record import Failure, clean

# Name -> what it is. Times are of a processor, but for latencies and what ends in wake or spin.
FIGURES = {
    "manager_task_ns": "what a future costs rank 0: half when it is sent, half when its result has come",
    "manager_range_ns": "what a chunk of a loop costs rank 0, in the same halves",
    "send_ns": "what sending a message to another host costs the sender",
    "receive_ns": "what receiving one from there costs the receiver",
    "local_send_ns": "what sending a message on the same host costs the sender",
    "local_receive_ns": "what receiving one from there costs the receiver",
    "local_latency_ns": "how long a message takes on the same host beside those",
    "manager_spin_ns": "how long rank 0 looks for messages before it sleeps",
    "manager_wake_ns": "how much later it then takes the next one",
    "worker_spin_ns": "how long a worker rank looks for messages before it naps",
    "worker_wake_ns": "how much later it then takes the next one",
    "worker_task_ns": "what a future costs a worker beside the task",
    "worker_index_ns": "what a task of a chunk costs a worker beside the task",
    "inner_task_ns": "what a future costs a worker of an inner executor beside the task",
    "inner_index_ns": "what a task of a chunk costs a worker of an inner executor",
    "inner_range_ns": "what splitting a chunk among its workers costs an inner executor",
    "message_bytes": "what a message has on the wire beside tasks and results",
    "task_bytes": "what a task adds to it",
    "result_bytes": "what a result adds to it",
    "prefetch_most": "most tasks in flight for each worker",
    "chunks": "a chunk is the rest of the loop over so many times the workers",
    "hold_ns": "least time between two messages of a rank with results of futures, while it has tasks",
    "drain_most": "most messages that rank 0 takes before it sends",
}
AT_LEAST_ONE = ("prefetch_most", "chunks", "drain_most")


def _value(path, name, entry):
    if not isinstance(entry, dict) or set(entry) - {"value", "command", "note"}:
        raise Failure(f"{path}: {name}: not an object of value, command and note: make it one")
    value, command = entry.get("value"), entry.get("command")
    least = 1 if name in AT_LEAST_ONE else 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
        raise Failure(f"{path}: {name}: value: not a number of at least {least}: measure it")
    if not isinstance(command, str) or not command.strip():
        raise Failure(f"{path}: {name}: command: missing: write the command that gave the value")
    return value


def load(path):
    """The figures as attributes, with `source`, what to call them. Failure: one is missing, unknown, or has no command."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as e:
        raise Failure(f"--figures {path}: {e.strerror}: name a file of figures") from None
    except (ValueError, RecursionError) as e:
        raise Failure(f"--figures {path}: no JSON ({e}): name a file of figures") from None
    figures = data.get("figures") if isinstance(data, dict) else None
    if not isinstance(figures, dict):
        raise Failure(f"{path}: no file of figures: it has to hold an object \"figures\"")
    unknown, missing = sorted(set(figures) - set(FIGURES)), [name for name in FIGURES if name not in figures]
    if unknown or missing:
        raise Failure(f"{path}: {'unknown' if unknown else 'missing'}: {', '.join(unknown or missing)}: scripts/simulate --help lists them")
    invented = data.get("invented")
    return SimpleNamespace(source=f"{path}{f', invented: {clean(invented)}' if invented else ''}",
                           **{name: _value(path, name, figures[name]) for name in FIGURES})
