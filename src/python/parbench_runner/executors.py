"""The executors: each hands the tasks of a repetition to CPython in one of its own ways, and is opened with its workers
warm: all are started, have loaded the function and stand where they are bound.

`repeat(tasks, results)` fills results[i] for every task; how many there are says how far it is.
"""

import os
import threading
import time

from parbench_runner import pools, system, usage, worker
from parbench_runner.errors import RunnerError, nearest

ASYNC_ONLY = ("%s is a coroutine function, and %s has no event loop to run it in: use py.asyncio, or define a plain "
              "function beside it")


class Executor:
    """What they have in common. `refusal`: why this function cannot be run so; empty: it can. `descriptors` are the
    protocol's, which no process of a pool may keep."""

    name = summary = ""
    threads = 0  # workers to be bound, whatever their number asked for is; 0: so many

    @staticmethod
    def absent():
        """Why it is not to be had here; None: it is."""

    def __init__(self, function, values, workers, bindings, via, descriptors):
        self.function, self.values, self.workers, self.via = function, values, workers, via
        self.descriptors = descriptors
        self.bindings = [sorted(processors) for processors in bindings]
        self.refusal, self.notes, self.pids, self.ended = "", [], [], 0
        worker.use(function, values)

    def repeat(self, tasks, results):
        raise NotImplementedError

    def account(self):
        """Of each worker, since it began: its tasks, CPU time in ns, and the processor where it was last seen."""
        place = usage.last_processor(os.getpid(), threading.get_native_id())
        return [(self.ended, time.thread_time_ns(), place)]

    def close(self):
        pass

    def _bind_here(self):
        why = system.bind(self.bindings[0]) if self.bindings else ""
        if why:
            self.notes.append("worker 0 could not be bound: " + why)


class _Looping(Executor):
    """Has an event loop in the runner's own thread."""

    _loop = None

    def _open_loop(self):
        import asyncio

        self._loop = asyncio.new_event_loop()

    def close(self):
        if self._loop:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


class Serial(_Looping):
    name = "py.serial"
    summary = "one task after the other, in Python"
    threads = 1

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._bind_here()
        if not self.function.call:
            self._open_loop()

    def _one(self):
        """What runs one task; a coroutine function is run to its end before the next."""
        if self.function.call:
            return worker.run
        return lambda i: self._loop.run_until_complete(worker.run_coroutine(i))

    def repeat(self, tasks, results):
        run = self._one()
        for i in range(tasks):
            results[i] = run(i)

    def repeat_timed(self, tasks, results):
        run, clock, times = self._one(), time.perf_counter_ns, []
        for i in range(tasks):
            began = clock()
            results[i] = run(i)
            times.append(float(clock() - began))
        return times


class Loop(_Looping):
    """`for`: one coroutine per task in flight, each takes the next index; `submit`: one asyncio.Task per task, as they
    complete; `map`: asyncio.gather. The latter two keep to the width by a semaphore."""

    name = "py.asyncio"
    summary = "asyncio: an event loop in one thread, so many tasks in flight"
    threads = 1

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._bind_here()
        self._open_loop()
        if not self.function.coroutine:
            self.notes.append("%s is a plain function: it blocks the event loop" % self.function.function_name)

    async def _one(self, i):
        return await worker.run_coroutine(i) if self.function.coroutine else worker.run(i)

    def repeat(self, tasks, results):
        self._loop.run_until_complete(getattr(self, "_" + self.via)(tasks, results))

    async def _for(self, tasks, results):
        import asyncio

        indices = iter(range(tasks))

        async def take_turns():
            for i in indices:
                results[i] = await self._one(i)

        await asyncio.gather(*(take_turns() for _ in range(min(self.workers, tasks))))

    def _limited(self):
        import asyncio

        room = asyncio.Semaphore(self.workers)

        async def one(i):
            async with room:
                return i, await self._one(i)

        return one

    async def _submit(self, tasks, results):
        import asyncio

        one = self._limited()
        for done in asyncio.as_completed([asyncio.ensure_future(one(i)) for i in range(tasks)]):
            i, outcome = await done
            results[i] = outcome

    async def _map(self, tasks, results):
        import asyncio

        one = self._limited()
        results.update(await asyncio.gather(*(one(i) for i in range(tasks))))


class _Pool(Executor):
    """One of concurrent.futures."""

    make = None  # opens the pool, given self

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.pool = None
        if not self.function.call:
            self.refusal = ASYNC_ONLY % (self.function.function_name, self.name)
            return
        self.pool = self.make(self)
        for place, pid, _, why in self.pool.met:
            if why:
                self.notes.append("worker %d could not be bound: %s" % (place, why))
            if pid != os.getpid():
                self.pids.append(pid)
        self.notes += self.pool.notes

    def repeat(self, tasks, results):
        self.pool.repeat(self.via, tasks, results)

    def account(self):
        return self.pool.account()

    def close(self):
        if self.pool:
            self.pool.close()


class Threads(_Pool):
    name = "py.thread"
    summary = "ThreadPoolExecutor of concurrent.futures"
    make = staticmethod(pools.open_threads)


class Processes(_Pool):
    name = "py.process"
    summary = "ProcessPoolExecutor of concurrent.futures"
    make = staticmethod(pools.open_processes)

    @staticmethod
    def absent():
        try:
            import multiprocessing.synchronize
        except ImportError as error:
            return "this Python has no semaphores between processes (%s): name another by exe=" % error
        return None


class Interpreters(_Pool):
    name = "py.interpreter"
    summary = "InterpreterPoolExecutor of concurrent.futures: threads with an interpreter each"
    make = staticmethod(pools.open_interpreters)

    @staticmethod
    def absent():
        return pools.lacks_interpreters()


EXECUTORS = (Serial, Threads, Processes, Interpreters, Loop)


def describe(item):
    found = find(item)
    description = {"item": item, "name": found.name, "summary": found.summary, "canonical": found.name,
                   "full": found.name, "params": []}
    if found.threads:
        description["threads"] = found.threads
    if found.absent():
        description["absent"] = found.absent()
    return description


def find(item):
    name, _, options = item.partition(":")
    names = [executor.name for executor in EXECUTORS]
    if name not in names:
        raise RunnerError(-2, 'executor "%s": there is none here: %sthere are %s'
                          % (name, nearest(name, names), ", ".join(names)))
    if options:
        raise RunnerError(-22, 'executor %s: "%s": it has no parameters: leave that out' % (name, options))
    return EXECUTORS[names.index(name)]
