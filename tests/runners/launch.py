"""A launcher as small as one can be: starts N ranks on this machine, each in a process group of its own, as others do.

    launch.py STYLE [WORD]... -n N PROGRAM [ARGUMENT]...

STYLE says in whose words it tells of a rank that died: openmpi, hydra, or silent. `unreachable` starts none, says so as ssh does,
and waits; `calling` starts none and waits, as ssh does for a host that is down, for a connection that nobody accepts. Rank 0 has its input and output; it ends when all ranks have, and ends them all when one was killed, or it is asked to.
"""
import os
import signal
import socket
import subprocess
import sys

style, n = sys.argv[1], sys.argv.index("-n")
count, program = int(sys.argv[n + 1]), sys.argv[n + 2:]

if style == "unreachable":
    print("ssh: Could not resolve hostname nowhere: Name or service not known", end="\r\n", file=sys.stderr, flush=True)
    signal.pause()
if style == "calling":
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    held = [socket.create_connection(listener.getsockname()) for _ in range(9)]  # a queue that is full is never answered


def start(rank, pids):
    return subprocess.Popen(program, stdin=None if rank == 0 else subprocess.DEVNULL, process_group=0,
                            env={**os.environ, "FAKE_RANK": str(rank), "FAKE_PIDS": " ".join(map(str, pids)),
                                 "FAKE_WORDS": " ".join(sys.argv[1:n + 2])})


ranks = {}
for rank in range(count - 1, -1, -1):
    ranks[rank] = start(rank, [ranks[r].pid for r in range(rank + 1, count) if r in ranks])


def end_all(*_):
    for rank in ranks.values():
        rank.kill()
    for rank in ranks.values():
        rank.wait()
    os._exit(1)


signal.signal(signal.SIGTERM, end_all)


def name(pid):
    return next(rank for rank in ranks if ranks[rank].pid == pid)


def tell(rank, pid, killer):
    if style == "openmpi":
        print("-" * 74, "\nmpiexec noticed that process rank", rank, "with PID 0 on node vm exited on signal", killer,
              "(Killed).\n" + "-" * 74, file=sys.stderr, flush=True)
    elif style == "hydra":
        print("\n" + "=" * 83 + "\n=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID", pid, "RUNNING AT nodeA\n"
              "=   EXIT CODE:", killer, "\n" + "=" * 83 + "\nYOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal",
              f"{killer})", flush=True)


for _ in range(count):
    pid, status = os.wait()
    rank = name(pid)
    ranks[rank].returncode = os.waitstatus_to_exitcode(status)
    if os.WIFSIGNALED(status) and (rank == 0 or ranks[0].returncode is None):
        tell(rank, pid, os.WTERMSIG(status))
        end_all()
    if rank == 0:  # the others have nothing to do any more
        for other in ranks.values():
            other.terminate()
sys.exit(ranks[0].returncode)
