"""What the model is fed with: figures from a file, in which each stands beside the command that gave it, and the executor's own
constants, which are read where they stand, in its source."""
import json
import math
import os
import re
from types import SimpleNamespace

from .record import Failure, clean

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Name -> what it is.
FIGURES = {
    "manager_task_ns": "what a future costs rank 0: half when it is sent, half when its result has come",
    "manager_chunk_ns": "what a chunk of a loop costs rank 0, in the same halves",
    "manager_seat_ns": "what it costs rank 0 to look at one rank, where it looks through all of them for a message",
    "send_ns": "what sending a message to another host costs the sender",
    "receive_ns": "what receiving one from there costs the receiver",
    "local_send_ns": "what sending a message on the same host costs the sender",
    "local_receive_ns": "what receiving one from there costs the receiver",
    "local_latency_ns": "how long a message takes on the same host beside those",
    "wake_ns": "how much later than asked for a rank that naps runs again",
    "ring_ns": "how long after it is woken a rank, or a thread of it, runs",
    "worker_task_ns": "what a future costs a worker rank beside the task",
    "worker_index_ns": "what a task of a chunk costs a worker rank beside the task",
    "inner_task_ns": "what it costs a rank to hand a future to its inner executor",
    "inner_index_ns": "what a task of a chunk costs a worker of an inner executor",
    "inner_range_ns": "what splitting a chunk among its workers costs an inner executor",
    "message_bytes": "what a message has on the wire beside what the executor puts into it",
    "args_bytes": "arguments of a task of a future",
}

# Name -> where the executor has it.
CONSTANTS = {
    "BATCH_BYTES": "mpi_manager.c", "BATCH_TASKS": "mpi_manager.c", "AHEAD_MAX": "mpi_manager.c", "HORIZON_NS": "mpi_manager.c",
    "WORTH": "mpi_manager.c", "SHARE_ALONE": "mpi_range.c", "SHARE_TOGETHER": "mpi_range.c", "CHUNK_NS": "mpi_range.c",
    "CHUNKS_AHEAD": "mpi_range.c", "SEND_BYTES": "mpi_worker.c", "SEND_NS": "mpi_worker.c", "SPIN_NS": "../ranks/ranks.c",
    "NAP_LEAST_NS": "../ranks/ranks.c", "NAP_SHARE": "../ranks/ranks.c",
    "NAP_AWAITING_NS": "../ranks/ranks.c", "NAP_IDLE_NS": "../ranks/ranks.c", "AT_MOST": "../ranks/ranks.c",
}


def _constants():
    found = {}
    for name, file in CONSTANTS.items():
        path = os.path.normpath(os.path.join(ROOT, "src", "executor", file))
        try:
            with open(path, encoding="utf-8") as source:
                match = re.search(rf"\b{name}\s*=\s*(\d+)(?:\s*<<\s*(\d+))?\s*[,;}}\s]", source.read())
        except OSError as e:
            raise Failure(f"{os.path.relpath(path, ROOT)}: {e.strerror}: run this in a whole source tree") from None
        if not match:
            raise Failure(f"{os.path.relpath(path, ROOT)}: {name}: there is none: let the model follow the executor")
        found[name] = int(match[1]) << int(match[2] or 0)
    return found


def _value(path, name, entry):
    if not isinstance(entry, dict) or set(entry) - {"value", "command", "note"}:
        raise Failure(f"{path}: {name}: not an object of value, command and note: make it one")
    value, command = entry.get("value"), entry.get("command")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise Failure(f"{path}: {name}: value: not a number of at least 0: measure it")
    if not isinstance(command, str) or not command.strip():
        raise Failure(f"{path}: {name}: command: missing: write the command that gave the value")
    return value


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as e:
        raise Failure(f"--figures {path}: {e.strerror}: name a file of figures") from None
    except (ValueError, RecursionError) as e:
        raise Failure(f"--figures {path}: no JSON ({e}): name a file of figures") from None
    if not isinstance(data, dict) or not isinstance(data.get("figures"), dict):
        raise Failure(f"{path}: no file of figures: it has to hold an object \"figures\"")
    return data


def made(values):
    """Figures of these values, and the executor's constants, as attributes."""
    return SimpleNamespace(**_constants(), **values)


def load(path):
    """The same with `source`, what to call them. Failure: one is missing, unknown, or has no command."""
    data = _read(path)
    figures, invented = data["figures"], data.get("invented")
    unknown, missing = sorted(set(figures) - set(FIGURES)), [name for name in FIGURES if name not in figures]
    if unknown or missing:
        raise Failure(f"{path}: {'unknown' if unknown else 'missing'}: {', '.join(unknown or missing)}: scripts/simulate --help lists them")
    loaded = made({name: _value(path, name, figures[name]) for name in FIGURES})
    loaded.source = f"{path}{f', invented: {clean(invented)}' if invented else ''}"
    return loaded
