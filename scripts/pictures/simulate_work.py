"""What ranks do in the model: how long tasks take, and when a rank has worked off what a message brought."""
import heapq
import itertools
import math

import numpy as np

DISTRIBUTIONS = ("fixed", "exponential", "lognormal")
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


class Rank:
    """A rank that works: `run` is told when a message arrives and how many tasks or indices it brings, and says when messages
    with how many results leave; of one that gathers, when how many results are there to be sent."""

    gathers = False

    def __init__(self, figures, lengths, remote):
        self.f, self.lengths = figures, lengths
        self.send_ns = figures.send_ns if remote else figures.local_send_ns
        self.receive_ns = figures.receive_ns if remote else figures.local_receive_ns
        self.free = self.sent = -math.inf  # when its work is done, and when it sent last

    def _begin(self, arrives):
        """When it looks at the message."""
        if arrives <= self.free:
            return self.free + self.receive_ns
        nap = self.f.worker_wake_ns if arrives - self.free > self.f.worker_spin_ns else 0
        return arrives + nap + self.receive_ns

    def ends(self):
        """When each of its workers was done."""
        return [self.free]


class PlainFutures(Rank):
    workers = 1

    def run(self, arrives, count):
        now, cost, hold, sent = self._begin(arrives), self.f.worker_task_ns, self.f.hold_ns, []
        held, last, at = 0, count - 1, self.sent
        for i, length in enumerate(self.lengths.some(count)):
            now += length + cost
            held += 1
            if i == last or now - at >= hold:
                at = now
                now += self.send_ns
                sent.append((now, held))
                held = 0
        self.sent = at
        self.free = now
        return sent


class PlainRange(Rank):
    workers = 1

    def run(self, arrives, count):
        self.free = self._begin(arrives) + self.lengths.total(count) + count * self.f.worker_index_ns + self.send_ns
        return [(self.free, 1)]


class InnerFutures(Rank):
    """The rank itself only passes on what its `workers` are to do, each next one to whoever is free first, and gathers results
    while it may not send."""

    gathers = True

    def __init__(self, figures, lengths, remote, workers):
        super().__init__(figures, lengths, remote)
        self.workers, self.done = workers, [-math.inf] * workers
        self.held = 0

    def run(self, arrives, count):
        begin, done, cost, ends = self._begin(arrives), self.done, self.f.inner_task_ns, []
        for length in self.lengths.some(count):
            end = max(done[0], begin) + length + cost
            heapq.heapreplace(done, end)
            ends.append((end, 1))
        self.free = begin  # it is not its workers' time that a message takes
        return ends

    def gather(self, now, count):
        """Results are there. When they are to be sent; None: together with others before them."""
        self.held += count
        return max(now, self.sent + self.f.hold_ns) if self.held == count else None

    def release(self, now):
        """They are sent; how many."""
        count, self.held, self.sent = self.held, 0, now
        return count

    def _begin(self, arrives):
        busy = max(self.done)  # while there are results to come it does not nap
        nap = self.f.worker_wake_ns if arrives - max(busy, self.free) > self.f.worker_spin_ns else 0
        return max(arrives + nap, self.free) + self.receive_ns

    def ends(self):
        return self.done


class InnerRange(Rank):
    """One chunk after the other, each split among all workers."""

    def __init__(self, figures, lengths, remote, workers):
        super().__init__(figures, lengths, remote)
        self.workers = workers

    def run(self, arrives, count):
        start = self._begin(arrives) + self.f.inner_range_ns
        self.free = start + self._makespan(count) + self.send_ns
        return [(self.free, 1)]

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
        return [inner(figures, lengths, h > 0, n) for h, n in enumerate(share)], list(range(setting.hosts))
    places = list(itertools.chain.from_iterable([h] * n for h, n in enumerate(share)))
    return [plain(figures, lengths, h > 0) for h in places], places
