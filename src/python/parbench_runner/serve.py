"""The loop: a line in, a line out. docs/runner-protocol.md says what they hold."""

import atexit
import json
import os
import sys
import threading

from parbench_runner import executors, system
from parbench_runner.cell import Cell, get
from parbench_runner.errors import PoolBroken, RunnerError
from parbench_runner.functions import SHIPPED, Function, say

PROTOCOL = 1
ANSWERS = ("description", "calibrated", "ready", "progress", "sample", "closed", "error")
LAST_SECONDS = 3  # that the user's threads get to end after `close`


def _without_duplicates(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(text):
    raise ValueError("%s is no number of JSON" % text)


def decode(line):
    try:
        request = json.loads(line.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RunnerError(-71, "runner protocol: %s: send one JSON object a line" % error) from None
    if not isinstance(request, dict) or not isinstance(request.get("type"), str):
        raise RunnerError(-71, "runner protocol: a message without a type: send an object that has one")
    return request


def encode(answer):
    """Text may hold what JSON's readers refuse: halves of surrogate pairs, and zeros."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).replace("\\u0000", "?")
    return (text + "\n").encode("utf-8", "replace")


def _names(request, key):
    return [item for item in get(request, key, list, []) if isinstance(item, str)]


class Runner:
    def __init__(self, fd_in, fd_out):
        self._fd_in, self._fd_out = fd_in, fd_out
        self._cell = None
        self._servants = {"describe": self._describe, "calibrate": self._calibrate, "open": self._open,
                          "run": self._run, "close": self._close}

    # ---- What is answered ----

    def _describe(self, request):
        workloads, wanted = _names(request, "workloads"), _names(request, "executors")
        if not workloads and not wanted:
            workloads = ["python:func=" + name for name in SHIPPED]
            wanted = [executor.name for executor in executors.EXECUTORS]
        return {"type": "description", "workloads": [Function(item).description() for item in workloads],
                "executors": [executors.describe(item) for item in wanted]}

    def _calibrate(self, _request):
        from parbench_runner.spin import rate

        return {"type": "calibrated", "work_rate": rate()}

    def _open(self, request):
        if self._cell:
            raise RunnerError(-16, "runner protocol: open came twice: start a runner for each cell")
        theirs = get(request, "protocol", int, 0)
        if theirs not in (0, PROTOCOL):
            raise RunnerError(-71, "runner protocol: the driver speaks version %d, this runner %d: use one build for "
                              "both" % (theirs, PROTOCOL))
        self._cell = Cell(request, (self._fd_in, self._fd_out))
        return dict({"type": "ready", "protocol": PROTOCOL}, **self._cell.ready())

    def _run(self, request):
        if not self._cell:
            raise RunnerError(-22, "runner protocol: run came before open: open first")
        return dict({"type": "sample"}, **self._cell.run(request, self._tell_progress))

    def _close(self, _request):
        if self._cell:
            self._cell.close()
        self._cell = None
        return {"type": "closed"}

    def _tell_progress(self, ended):
        self._say({"type": "progress", "ended": ended})

    # ---- The loop ----

    def _say(self, answer):
        line = encode(answer)
        while line:
            line = line[os.write(self._fd_out, line) :]

    def _answer(self, line):
        """What to say, and whether it is the last word."""
        try:
            request = decode(line)
            kind = request["type"]
            if kind in ANSWERS:
                raise RunnerError(-71, "runner protocol: that is an answer, not a request")
            if kind not in self._servants:
                raise RunnerError(-71, 'runner protocol: no message of type "%.40s" is known: ask for one of %s'
                                  % (kind, ", ".join(self._servants)))
            return self._servants[kind](request), kind == "close"
        except RunnerError as error:
            return {"type": "error", "code": error.code, "text": error.text}, isinstance(error, PoolBroken)
        except MemoryError:
            return {"type": "error", "code": -12, "text": "runner: no memory: ask for fewer tasks or workers"}, True
        except Exception as error:
            import traceback

            traceback.print_exc()
            return {"type": "error", "code": -5, "text": "runner: %s: see standard error" % say(error)}, False

    def _lines(self):
        received = b""
        while True:
            line, newline, rest = received.partition(b"\n")
            if newline:
                received = rest
                yield line
                continue
            chunk = os.read(self._fd_in, 1 << 16)
            if not chunk:
                return
            received += chunk

    def serve(self):
        system.die_with_parent()
        system.adopt_orphans()
        atexit.register(system.end_children)  # the first to be registered is the last to be called
        sys.stdout.reconfigure(line_buffering=True)
        try:
            for line in self._lines():
                answer, last = self._answer(line)
                self._say(answer)
                if last:
                    break
        except BrokenPipeError:
            pass
        self._end_for_certain()
        if self._cell:
            self._cell.close()
        return 0

    def _end_for_certain(self):
        """Threads of the user's that do not end would keep the process for ever."""

        def end():
            system.end_children()
            os._exit(0)

        timer = threading.Timer(LAST_SECONDS, end)
        timer.daemon = True
        timer.start()
