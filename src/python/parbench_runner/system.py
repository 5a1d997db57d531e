"""What the standard library does not reach: dying with one's parent, adopting orphans, binding, children."""

import os
import signal

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _prctl(option, value):
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass  # the end of input tells of the driver's death instead


def die_with_parent():
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def parse_processors(text):
    """"0-3,8" as a set. ValueError: it is no list of processors."""
    processors = set()
    for part in text.split(",") if text else ():
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise ValueError(text)
        processors.update(range(int(first), int(last or first) + 1))
    return processors


def bind(processors):
    """Binds the calling thread; an empty string, or why that was not possible."""
    try:
        os.sched_setaffinity(0, processors)
    except (AttributeError, OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def _parent_of(pid):
    try:
        with open("/proc/%s/stat" % pid, "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def end_children():
    """Kills and reaps every child, and what becomes a child by that, until none is left."""
    me = os.getpid()
    while True:
        try:
            children = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _parent_of(pid) == me]
        except OSError:
            return
        if not children:
            return
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
