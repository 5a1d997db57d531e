"""The pools of concurrent.futures, opened warm and driven in the three ways that --via names:

    for      Executor.map; to processes in pieces of which each worker gets about four
    submit   a future per task, as_completed, at most a window of them at a time
    map      Executor.map, a task at a time
"""

import os
import select
import struct
import sys
import threading
from concurrent import futures

from parbench_runner import usage, worker
from parbench_runner.errors import PoolBroken

WINDOW = 1024  # futures at a time, or two for each worker
CHUNKS = 4  # pieces for each worker
MEETING_SECONDS = 60
LAST_SECONDS = 2  # that workers get to end

# What a new interpreter runs first. It is a text, since it could not yet find this package to load a function from.
ENTER_INTERPRETER = """
import sys
sys.path[:] = path
from parbench_runner import usage, worker
worker.load(item, values)
"""


def lacks_interpreters():
    if hasattr(futures, "InterpreterPoolExecutor"):
        return None
    version = "%d.%d" % sys.version_info[:2]
    return "InterpreterPoolExecutor came with CPython 3.14, and this is %s: name a later one by exe=" % version


class PipeBarrier:
    """A barrier for interpreters, which share nothing but the process: each says that it came, and reads its place."""

    def __init__(self):
        self._came, self._comes = os.pipe()
        self._place, self._gives = os.pipe()

    def wait(self, _seconds):
        os.write(self._comes, b".")
        return struct.unpack("=I", os.read(self._place, 4))[0]

    def direct(self, workers, meeting):
        """Lets them go once all are there, or give up as soon as one has ended before."""
        came = 0
        while came < workers:
            if select.select([self._came], [], [], 0.05)[0]:
                came += len(os.read(self._came, workers))
            elif any(future.done() for future in meeting):
                return
        os.write(self._gives, struct.pack("=%dI" % workers, *range(workers)))

    def close(self):
        for fd in (self._came, self._comes, self._place, self._gives):
            os.close(fd)


class Pool:
    """`met`: of each worker its place, process, thread, and why it could not be bound. `shared_counts`: where its
    processes count; None: it has threads. What breaks raises PoolBroken."""

    run = staticmethod(worker.run_counted)

    def __init__(self, name, executor, workers, shared_counts=None):
        self._name, self._executor, self._workers = name, executor, workers
        self._shared_counts, self._in_pieces = shared_counts, shared_counts is not None
        self.met, self.notes = [], []
        self._processes = []

    def meet(self, barrier, bindings):
        try:
            meeting = [self._executor.submit(worker.meet, barrier, bindings) for _ in range(self._workers)]
            if isinstance(barrier, PipeBarrier):
                barrier.direct(self._workers, meeting)
            self.met = sorted(future.result(MEETING_SECONDS) for future in meeting)
        except Exception as error:
            self.close(wait=False)
            raise self._broken(error) from None
        if self._in_pieces:
            import multiprocessing

            self._processes = multiprocessing.active_children()

    def _broken(self, error):
        """Python's reason, and which process ended how, if one did not end because the pool had to."""
        ends = []
        for process in self._processes:
            process.join(1)
            if process.exitcode not in (None, 0, -15):
                how = "exit code %d" if process.exitcode > 0 else "signal %d"
                ends.append("process %d: %s" % (process.pid, how % abs(process.exitcode)))
        why = " ".join(str(error).split()).rstrip(".") or "no reason given"
        why += "".join(" (%s)" % end for end in ends)
        return PoolBroken(-5, "%s: %s: %s: see what stands on standard error"
                          % (self._name, type(error).__name__, why))

    def repeat(self, via, tasks, results):
        try:
            if via == "submit":
                self._submit_all(tasks, results)
            else:
                chunk = max(1, -(-tasks // (CHUNKS * self._workers))) if via == "for" and self._in_pieces else 1
                results.update(enumerate(self._executor.map(self.run, range(tasks), chunksize=chunk)))
        except futures.BrokenExecutor as error:
            raise self._broken(error) from None

    def _submit_all(self, tasks, results):
        """Half a window is awaited while the other is under way."""
        half, earlier = max(WINDOW, 2 * self._workers) // 2, {}
        for first in range(0, tasks + half, half):
            batch = {self._executor.submit(self.run, i): i for i in range(first, min(first + half, tasks))}
            for future in futures.as_completed(earlier):
                results[earlier[future]] = future.result()
            earlier = batch

    def account(self):
        """Of each worker the tasks that it has begun, its CPU time and where it was last seen."""
        if self._in_pieces:
            return [(self._shared_counts[place], usage.process_ns(pid), usage.last_processor(pid, pid))
                    for place, pid, _, _ in self.met]
        return [(worker.count_of(place), usage.thread_ns(tid), usage.last_processor(pid, tid))
                for place, pid, tid, _ in self.met]

    def close(self, wait=True):
        """Threads that tasks have left in processes would keep those for ever."""
        killer = threading.Timer(LAST_SECONDS, self._kill)
        killer.daemon = True
        killer.start()
        self._executor.shutdown(wait=wait)
        killer.cancel()

    def _kill(self):
        for process in self._processes:
            process.kill()


class InterpreterPool(Pool):
    """What its workers do is not counted: they share no memory with the runner."""

    run = staticmethod(worker.run)

    def account(self):
        return []


def open_threads(executor):
    threads = futures.ThreadPoolExecutor(executor.workers, thread_name_prefix=executor.name)
    pool = Pool(executor.name, threads, executor.workers)
    pool.meet(threading.Barrier(executor.workers), executor.bindings)
    return pool


def open_processes(executor):
    import multiprocessing

    context = multiprocessing.get_context()
    method = context.get_start_method()
    inherited = executor.descriptors if method == "fork" else ()
    counts = context.RawArray("Q", executor.workers)
    processes = futures.ProcessPoolExecutor(
        executor.workers, mp_context=context, initializer=worker.enter_process,
        initargs=(executor.function.item, executor.values, context.Barrier(executor.workers), counts,
                  inherited))
    pool = Pool(executor.name, processes, executor.workers, counts)
    pool.meet(None, executor.bindings)
    pool.notes.append("worker processes are started by %s" % method)
    return pool


def open_interpreters(executor):
    interpreters = futures.InterpreterPoolExecutor(
        executor.workers, thread_name_prefix=executor.name, initializer=exec,
        initargs=(ENTER_INTERPRETER, {"path": sys.path[:], "item": executor.function.item,
                                      "values": executor.values}))
    pool = InterpreterPool(executor.name, interpreters, executor.workers)
    barrier = PipeBarrier()
    pool.meet(barrier, executor.bindings)
    barrier.close()
    return pool
