"""What runs where the tasks run: in a thread, in a process of the pool, in an interpreter. Each of them loads the
function for itself once, by its item, so that nothing of the user's is ever pickled but what tasks return."""

import os

from parbench_runner import system
from parbench_runner.digest import digest_of

REASON_MOST = 200  # characters


class _Loaded:
    """This interpreter's function."""

    function = None
    call = None
    values = {}
    statuses = ()
    barrier = None  # of a pool's processes: it cannot be sent, only inherited


def load(item, values):
    """For interpreters that are new; the runner's own loads it for all its threads, and a fork has it already."""
    if _Loaded.function is None or _Loaded.function.item != item:
        from parbench_runner.functions import Function

        use(Function(item), values)


def use(function, values):
    _Loaded.function, _Loaded.call, _Loaded.values = function, function.call, values
    _Loaded.statuses = function.statuses


def enter_process(item, values, barrier, inherited):
    """A process of the pool begins. `inherited`: descriptors of the protocol that a fork has copied."""
    system.die_with_parent()
    _Loaded.barrier = barrier
    for fd in inherited:
        os.close(fd)
    load(item, values)


def meet(barrier, bindings):
    """The first task of every worker: none ends before all are there, so each worker has exactly one. Its number is
    its place; it is bound there, and says which process it is, and why it could not be bound."""
    place = (barrier or _Loaded.barrier).wait(60)
    why = system.bind(bindings[place % len(bindings)]) if bindings else ""
    return place, os.getpid(), why


def failure_of(error):
    """(status, reason): which of the function's statuses the exception is, and its text with where it was raised."""
    name = getattr(error, "status", "error")
    status = _Loaded.statuses.index(name) if name in _Loaded.statuses else 1
    text = " ".join(str(error).split())
    reason = "%s: %s" % (type(error).__name__, text) if text else type(error).__name__
    trace, line = error.__traceback__, None
    while trace:
        line = (os.path.basename(trace.tb_frame.f_code.co_filename), trace.tb_lineno)
        trace = trace.tb_next
    if line and line[0] not in ("worker.py", "digest.py"):
        reason = "%s (%s:%d)" % ((reason[: REASON_MOST - 40],) + line)
    return max(status, 1), reason[:REASON_MOST]


def run(i):
    """One task: its digest, or its failure."""
    try:
        value = _Loaded.call(i, **_Loaded.values)
        return value if type(value) is int else digest_of(value)
    except (Exception, SystemExit) as error:
        return failure_of(error)


async def run_coroutine(i):
    try:
        value = await _Loaded.function.coroutine(i, **_Loaded.values)
        return value if type(value) is int else digest_of(value)
    except (Exception, SystemExit) as error:
        return failure_of(error)
