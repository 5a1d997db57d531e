"""What runs where the tasks run: in a thread, in a process of the pool, in an interpreter. Each of them loads the
function for itself once, by its item, so that nothing of the user's is ever pickled but what tasks return."""

import os
import threading

from parbench_runner import system
from parbench_runner.digest import digest_of

REASON_MOST = 200  # characters


class _Loaded:
    """This interpreter's function."""

    function = None
    call = None
    values = {}
    statuses = ()
    barrier = shared_counts = None  # of a pool's processes: they cannot be sent, only inherited
    counts = {}  # by place, of a pool's threads


_own = threading.local()  # a worker's `count`: one number, that nobody else writes


def load(item, values):
    """For interpreters that are new; the runner's own loads it for all its threads, and a fork has it already."""
    if _Loaded.function is None or _Loaded.function.item != item:
        from parbench_runner.functions import Function

        use(Function(item), values)


def use(function, values):
    _Loaded.function, _Loaded.call, _Loaded.values = function, function.call, values
    _Loaded.statuses = function.statuses


def enter_process(item, values, barrier, shared_counts, inherited):
    """A process of the pool begins. `inherited`: descriptors of the protocol that a fork has copied."""
    system.die_with_parent()
    _Loaded.barrier, _Loaded.shared_counts = barrier, shared_counts
    for fd in inherited:
        os.close(fd)
    load(item, values)


def meet(barrier, bindings):
    """The first task of every worker: none ends before all are there, so each worker has exactly one. Its number is
    its place; it is bound there, and says which process and thread it is, and why it could not be bound."""
    place = (barrier or _Loaded.barrier).wait(60)
    if _Loaded.shared_counts is not None:
        _own.count = memoryview(_Loaded.shared_counts).cast("B").cast("Q")[place : place + 1]
    else:
        _own.count = _Loaded.counts[place] = [0]
    why = system.bind(bindings[place % len(bindings)]) if bindings else ""
    return place, os.getpid(), threading.get_native_id(), why


def count_of(place):
    """How many tasks a thread of this interpreter has begun."""
    return _Loaded.counts[place][0]


def _place_of(error):
    """"work.py:12", of the innermost frame that is none of ours."""
    trace, place = error.__traceback__, ""
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if os.path.dirname(name) != os.path.dirname(__file__):
            place = "%s:%d" % (os.path.basename(name), trace.tb_lineno)
        trace = trace.tb_next
    return place


def failure_of(error):
    """(status, reason). An exception with a `status` is one that was to be expected: its text is reason enough; of any
    other it is told what it is and where it was raised."""
    text = " ".join(str(error).split())
    status = getattr(error, "status", None)
    if status in _Loaded.statuses[1:]:
        return _Loaded.statuses.index(status), text[:REASON_MOST]
    reason = "%s: %s" % (type(error).__name__, text) if text else type(error).__name__
    place = _place_of(error)
    return 1, "%s (%s)" % (reason[: REASON_MOST - len(place)], place) if place else reason[:REASON_MOST]


def run(i):
    """One task: its digest, or its failure."""
    try:
        value = _Loaded.call(i, **_Loaded.values)
        return value if type(value) is int else digest_of(value)
    except (Exception, SystemExit) as error:
        return failure_of(error)


def run_counted(i):
    """The same in a pool, whose workers take what they get."""
    _own.count[0] += 1
    return run(i)


async def run_coroutine(i):
    try:
        value = await _Loaded.function.coroutine(i, **_Loaded.values)
        return value if type(value) is int else digest_of(value)
    except (Exception, SystemExit) as error:
        return failure_of(error)
