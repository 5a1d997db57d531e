"""What ranks do in the model: how long tasks take, and when a rank has worked off what a message brought."""
import bisect
import heapq
import itertools
import math
from collections import namedtuple

import numpy as np

DISTRIBUTIONS = ("fixed", "exponential", "lognormal")
RESULT_BYTES = 20  # of a struct pb_mpi_result, with a result of no bytes
EXACT = 32  # of a longer chunk, so many tasks for each worker have lengths of their own; the others' sum is drawn


class Lengths:
    """Lengths of tasks in ns, of mean `task_ns`. `variation`: standard deviation over mean of a lognormal one."""

    def __init__(self, kind, task_ns, variation, seed):
        self.kind, self.task_ns, self.random = kind, task_ns, np.random.default_rng(seed)
        self.variation = {"fixed": 0.0, "exponential": 1.0, "lognormal": variation}[kind]
        self.sum = 0.0  # of all that were given out

    def some(self, count):
        """A list of the next `count`."""
        if self.kind == "fixed":
            self.sum += count * self.task_ns
            return [self.task_ns] * count
        if self.kind == "exponential":
            drawn = self.random.exponential(self.task_ns, count)
        else:
            sigma = math.sqrt(math.log(1 + self.variation**2))
            drawn = self.task_ns * self.random.lognormal(-sigma * sigma / 2, sigma, count)
        self.sum += float(drawn.sum())
        return drawn.tolist()

    def total(self, count):
        """How long the next `count` take one after the other: of many, by the normal law that sums tend to."""
        if self.kind != "fixed" and count <= EXACT:
            return sum(self.some(count))
        drawn = self.task_ns * count
        if self.kind != "fixed":
            drawn = max(0.0, self.task_ns * self.random.normal(count, self.variation * math.sqrt(count)))
        self.sum += drawn
        return drawn


# What a rank tells rank 0: how many results, of how many tasks; the stamp of the message that work came with last, None where an
# earlier report had it; how long that was there; how long the rank was busy since it told last; accounts that it adds.
Report = namedtuple("Report", "results tasks stamp held_ns busy_ns accounts")


class Naps:
    """Whoever waits asks for a while without a break (where ranks share processors, not at all), then naps in between, the
    longer the longer nothing has come; who is on the same host wakes it."""

    def __init__(self, figures, crowded, longest):
        self.f, self.longest = figures, longest
        self.ends = [0.0 if crowded else float(figures.SPIN_NS)]

    def _length(self, idle):
        return min(max(idle / self.f.NAP_SHARE, self.f.NAP_LEAST_NS), self.longest) + self.f.wake_ns

    def seen(self, since, at, near):
        """When it is seen what has come at that time, by a rank that has been idle since then. `near`: from its own host."""
        idle = at - since
        if near:
            return max(at, since) + (self.f.ring_ns if idle > self.ends[0] else 0.0)
        if idle <= self.ends[0]:
            return max(at, since)
        if idle > 64 * self.longest:
            return at + self._length(idle) / 2
        while self.ends[-1] < idle:
            self.ends.append(self.ends[-1] + self._length(self.ends[-1]))
        return since + self.ends[bisect.bisect_left(self.ends, idle)]


class Rank:
    """A rank that works. `take` is told when a message was sent and arrives, and how many tasks it brings, in the order of
    arrival. What the rank tells goes to `tell` (when it has been sent, a report); `later` (when, what) has `what` called then."""

    asks_later = False  # whether `take` is to be called not before the message arrives
    workers = 1

    def __init__(self, figures, lengths, remote, crowded):
        self.f, self.lengths, self.near = figures, lengths, not remote
        self.send_ns = figures.send_ns if remote else figures.local_send_ns
        self.receive_ns = figures.receive_ns if remote else figures.local_receive_ns
        self.naps = Naps(figures, crowded, figures.NAP_IDLE_NS)
        self.free, self.told, self.came, self.stamp = 0.0, 0.0, 0.0, None
        self.tell = self.later = None

    def begin(self):
        """A repetition: all have waited."""
        self.free = -1e9

    def _arrive(self, sent, arrives, idle):
        """When it has received the message."""
        now = (self.naps.seen(self.free, arrives, self.near) if arrives > self.free else self.free) + self.receive_ns
        self.came, self.stamp = now, sent
        if idle:
            self.told = now
        return now

    def _report(self, now, results, tasks, accounts):
        self.tell(now + self.send_ns, Report(results, tasks, self.stamp, now - self.came, now - self.told, accounts))
        self.told, self.stamp, self.free = now, None, now + self.send_ns

    def ends(self):
        """When each of its workers was done."""
        return [self.free]


class PlainFutures(Rank):
    """Runs tasks as they come. Results are sent between two tasks if the last were long ago, and where no task is left."""

    held = 0
    due = None  # when it will be without tasks

    def take(self, sent, arrives, count):
        idle = arrives > self.free
        if idle and self.held:
            self._send(self.free)
        now, cost, f = self._arrive(sent, arrives, idle), self.f.worker_task_ns, self.f
        for length in self.lengths.some(count):
            now += length + cost
            self.held += 1
            if now - self.told > f.SEND_NS or self.held * RESULT_BYTES > f.SEND_BYTES:
                self._send(now)
                now = self.free
        self.free = now
        self.due = now if self.held else None
        if self.held:
            self.later(now, self._rest)

    def _send(self, now):
        held, self.held, self.due = self.held, 0, None
        self._report(now, held, held, 1)

    def _rest(self, now):
        if self.due == now:
            self._send(now)


class PlainRange(Rank):
    def take(self, sent, arrives, count):
        now = self._arrive(sent, arrives, arrives > self.free)
        self._report(now + self.lengths.total(count) + count * self.f.worker_index_ns, 1, count, 1)


class InnerFutures(Rank):
    """Its thread hands tasks to an inner executor, each next one to whichever worker is free first, and sends what results there
    are whenever it comes to it."""

    asks_later = True

    def __init__(self, figures, lengths, remote, crowded, workers):
        super().__init__(figures, lengths, remote, crowded)
        self.workers, self.done = workers, [0.0] * workers
        self.here, self.held, self.sends = 0, 0, False
        self.awaits = Naps(figures, crowded, figures.NAP_AWAITING_NS)

    def begin(self):
        super().begin()
        self.done = [0.0] * self.workers

    def take(self, sent, arrives, count):
        idle = not self.here and not self.held
        usual, self.naps = self.naps, self.naps if idle else self.awaits
        now, done = self._arrive(sent, arrives, idle), self.done
        self.naps = usual
        self.here += count
        for length in self.lengths.some(count):
            now += self.f.inner_task_ns
            end = max(done[0], now) + length
            heapq.heapreplace(done, end)
            self.later(end, self._finish)
        self.free = now

    def _finish(self, now):
        self.held += 1
        self.here -= 1
        if not self.sends:
            self.sends = True
            self.later(max(self.free, now + (self.f.ring_ns if now - self.free > self.naps.ends[0] else 0)), self._send)

    def _send(self, now):
        if now < self.free:  # it took a message meanwhile
            self.later(self.free, self._send)
            return
        held, self.held, self.sends = self.held, 0, False
        self._report(now, held, held, 0 if self.here else self.workers)

    def ends(self):
        return self.done


class InnerRange(Rank):
    """One chunk after the other, each split among all workers."""

    def __init__(self, figures, lengths, remote, crowded, workers):
        super().__init__(figures, lengths, remote, crowded)
        self.workers = workers

    def take(self, sent, arrives, count):
        now = self._arrive(sent, arrives, arrives > self.free) + self.f.inner_range_ns
        self._report(now + self._makespan(count), 1, count, self.workers)

    def _makespan(self, count):
        cost, workers = self.f.inner_index_ns, self.workers
        if self.lengths.kind == "fixed":
            self.lengths.total(count)
            return -(-count // workers) * (self.lengths.task_ns + cost)
        single = min(count, EXACT * workers)
        even = (self.lengths.total(count - single) + (count - single) * cost) / workers if count > single else 0.0
        done = [even] * min(workers, single)
        for length in self.lengths.some(single):
            heapq.heapreplace(done, done[0] + length + cost)
        return max(done)

    def ends(self):
        return [self.free] * self.workers


def ranks(setting, figures, lengths):
    """The ranks that work, and the host of each. Rank 0 is on the first host, as launchers place it."""
    share = [len(range(h, setting.workers, setting.hosts)) for h in range(setting.hosts)]  # workers of each host
    inner, plain = (InnerRange, PlainRange) if setting.via == "for" else (InnerFutures, PlainFutures)
    if setting.inner:
        return [inner(figures, lengths, h > 0, setting.crowded, n) for h, n in enumerate(share)], list(range(setting.hosts))
    places = list(itertools.chain.from_iterable([h] * n for h, n in enumerate(share)))
    return [plain(figures, lengths, h > 0, setting.crowded) for h in places], places
