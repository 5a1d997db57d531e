"""What repetitions cost, read from the clocks and from /proc, as the built-in runner does: of this process and of the
pool's processes, -1 where the system does not tell."""

import os
import time

MOST_THREADS = 256  # beyond, reading would take longer than a repetition

COUNTS = ("voluntary", "involuntary", "migrations", "minor_faults", "major_faults")
_FIELDS = ((b"voluntary_ctxt_switches", 0), (b"nonvoluntary_ctxt_switches", 1))


def _clock_of_process(pid):
    return (~pid << 3) | 2  # CPUCLOCK_SCHED of Linux's posix-timers.h


def _clock_of_thread(tid):
    return (~tid << 3) | 6  # with CPUCLOCK_PERTHREAD_MASK


def _read_clock(clock):
    try:
        return time.clock_gettime_ns(clock)
    except (OSError, OverflowError):
        return 0


def thread_ns(tid):
    return _read_clock(_clock_of_thread(tid))


def process_ns(pid):
    return _read_clock(_clock_of_process(pid))


def cpu_ns(pids):
    total = time.process_time_ns()
    for pid in pids:
        total += _read_clock(_clock_of_process(pid))
    return total


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _field(text, key):
    """The number behind "key ... :" at the start of a line, or -1."""
    for line in text.splitlines():
        if line.startswith(key):
            return int(line.partition(b":")[2].split()[0])
    return -1


def last_processor(pid, tid):
    fields = _read("/proc/%d/task/%d/stat" % (pid, tid)).rpartition(b")")[2].split()
    return int(fields[36]) if len(fields) > 36 else -1


class Usage:
    """A reading of everything that counts up."""

    def __init__(self, pids):
        self.counts = [0] * len(COUNTS)
        self.peak_bytes = 0
        for pid in [os.getpid()] + list(pids):
            self._add_process(pid)

    def _add(self, index, value):
        known = self.counts[index] >= 0 and value >= 0
        self.counts[index] = self.counts[index] + value if known else -1

    def _add_process(self, pid):
        stat = _read("/proc/%d/stat" % pid).rpartition(b")")[2].split()
        self._add(3, int(stat[7]) if len(stat) > 9 else -1)
        self._add(4, int(stat[9]) if len(stat) > 9 else -1)
        peak = _field(_read("/proc/%d/status" % pid), b"VmHWM")
        self.peak_bytes = self.peak_bytes + peak * 1024 if self.peak_bytes >= 0 and peak >= 0 else -1
        try:
            threads = os.listdir("/proc/%d/task" % pid)
        except OSError:
            threads = []
        if not 0 < len(threads) <= MOST_THREADS:
            self.counts[:3] = [-1] * 3
            return
        for tid in threads:
            status = _read("/proc/%d/task/%s/status" % (pid, tid))
            for key, index in _FIELDS:
                self._add(index, _field(status, key))
            self._add(2, _field(_read("/proc/%d/task/%s/sched" % (pid, tid)), b"se.nr_migrations"))

    def since(self, before):
        """As keys of a sample."""
        grown = {"peak_bytes": self.peak_bytes}
        for name, was, now in zip(COUNTS, before.counts, self.counts):
            grown[name] = -1 if was < 0 or now < 0 else now - was
        return grown
