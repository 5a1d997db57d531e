"""The model of the executor mpi: a simulation by discrete events of rank 0, the network and the ranks that work.

Rank 0 is a server that does one thing at a time. It hands each rank as many tasks as may be in flight there; then it takes what
has arrived, and refills. Events are on the way back only, from the end of a task to rank 0: when a message arrives, and when its
tasks end, is known once it is sent, since links and ranks serve in the order of arrival."""
import heapq
import math
from collections import namedtuple

from . import simulate_work as work

# via: "submit" or "for". bandwidth: of every link, in bits/s, 0: without limit. inner: a rank for each host, or for each worker.
Setting = namedtuple("Setting", "workers hosts inner via task_ns tasks kind variation latency_ns bandwidth seed",
                     defaults=(0, False, "submit", 1e6, 1, "fixed", 1.0, 0.0, 0, 1))
# What an event is: results that are there, results that a rank sends after it gathered some, a message that leaves its host, one
# that comes to the link of rank 0's host, one that has passed it.
THERE, SENT, LEAVES, COMES, ARRIVES = range(5)

# limits: what most of the workers' time that is no work went to. cost_ns: rank 0's time for each task.
Outcome = namedtuple("Outcome", "speedup efficiency limits cost_ns manager network span_ns work_ns")


class Links:
    """A host's link to the network, either way, of which rank 0's host has one too. What is sent to a host passes two of
    them and the latency between; each link passes one message at a time."""

    def __init__(self, setting):
        self.latency = setting.latency_ns
        self.ns_per_byte = 8e9 / setting.bandwidth if setting.bandwidth else 0.0
        self.out, self.back = 0.0, 0.0  # when rank 0's host's is free
        self.down, self.up = [0.0] * setting.hosts, [0.0] * setting.hosts
        self.busy_out, self.busy_back = 0.0, 0.0

    def to(self, host, now, size):
        takes = size * self.ns_per_byte
        self.busy_out += takes
        self.out = max(now, self.out) + takes
        self.down[host] = max(self.out + self.latency, self.down[host]) + takes
        return self.down[host]

    def leave(self, host, now, size):
        """When it reaches rank 0's host."""
        self.up[host] = max(now, self.up[host]) + size * self.ns_per_byte
        return self.up[host] + self.latency

    def enter(self, now, size):
        takes = size * self.ns_per_byte
        self.busy_back += takes
        self.back = max(now, self.back) + takes
        return self.back


class Manager:
    """Rank 0, and all that it sees."""

    def __init__(self, setting, figures):
        self.s, self.f = setting, figures
        self.lengths = work.Lengths(setting.kind, setting.task_ns, setting.variation, setting.seed)
        self.ranks, self.host = work.ranks(setting, figures, self.lengths)
        self.links = Links(setting)
        self.range = setting.via == "for"
        self.half = (figures.manager_range_ns if self.range else figures.manager_task_ns) / 2
        self.left, self.under_way = setting.tasks, 0
        self.free, self.busy = 0.0, 0.0
        self.events, self.sequence = [], 0  # (time, sequence, rank, results, what it is)

    # ---- Sending ----

    def _work(self, by):
        self.free += by
        self.busy += by

    def _send(self, rank, count, results):
        """A message with `count` tasks; `results` will come back."""
        f, place = self.f, self.host[rank]
        self._work(self.half * results + (f.send_ns if place else f.local_send_ns))
        self.left -= count
        self.under_way += results
        size = f.message_bytes + f.task_bytes * results
        arrives = self.links.to(place, self.free, size) if place else self.free + f.local_latency_ns
        crew = self.ranks[rank]
        for at, done in crew.run(arrives, count):
            if crew.gathers:
                self._event(at, rank, done, THERE)
            else:
                self._leave(at, rank, done)

    def _leave(self, at, rank, done):
        if self.host[rank]:
            self._event(at, rank, done, LEAVES)
        else:
            self._event(at + self.f.local_latency_ns, rank, done, ARRIVES)

    def _event(self, at, rank, done, what):
        self.sequence += 1
        heapq.heappush(self.events, (at, self.sequence, rank, done, what))

    def _chunk(self, rank):
        return min(self.left, max(1, self.left // (int(self.f.chunks) * self.s.workers)) * self.ranks[rank].workers)

    def _refill(self, rank, room):
        """Room is for so many tasks, or chunks."""
        if self.range:
            while room and self.left:
                self._send(rank, self._chunk(rank), 1)
                room -= 1
        elif self.left:
            count = min(room, self.left)
            self._send(rank, count, count)

    def _depth(self):
        """Tasks in flight for each worker."""
        round_trip = 2 * (self.s.latency_ns + self.f.send_ns + self.f.receive_ns)
        most = int(self.f.prefetch_most)
        return min(most, 1 + math.ceil(round_trip / self.s.task_ns)) if self.s.task_ns * most > round_trip else most

    def _begin(self):
        if self.range:
            for _ in range(2):
                for rank in range(len(self.ranks)):
                    self._refill(rank, 1)
            return
        depth = min(self._depth(), max(1, self.left // self.s.workers))
        for rank, crew in enumerate(self.ranks):
            self._refill(rank, depth * crew.workers)

    # ---- Taking ----

    def _next(self):
        """Takes the next event; of a message that has reached rank 0: when, from which rank, and how many results. Else None."""
        at, _, rank, done, what = heapq.heappop(self.events)
        place, crew = self.host[rank], self.ranks[rank]
        size = self.f.message_bytes + self.f.result_bytes * done
        if what == COMES:
            at, what = self.links.enter(at, size), ARRIVES
            if self.events and self.events[0][0] < at:
                self._event(at, rank, done, ARRIVES)
                return None
        if what == ARRIVES:
            return at, rank, done
        if what == LEAVES:
            self._event(self.links.leave(place, at, size), rank, done, COMES)
        elif what == SENT:
            self._leave(at + crew.send_ns, rank, crew.release(at))
        else:
            when = crew.gather(at, done)
            if when is not None:
                self._event(when, rank, 0, SENT)
        return None

    def _take(self, at, rank, done):
        if at > self.free:
            nap = self.f.manager_wake_ns if at - self.free > self.f.manager_spin_ns else 0
            self.free = at + nap
        self._work((self.f.receive_ns if self.host[rank] else self.f.local_receive_ns) + self.half * done)
        self.under_way -= done

    def run(self):
        """Until the last result is taken."""
        events, most = self.events, int(self.f.drain_most)
        self._begin()
        while self.under_way:
            taken, room = 0, {}
            while events and taken < most and (not taken or events[0][0] <= self.free):
                message = self._next()
                if message:
                    self._take(*message)
                    taken += 1
                    room[message[1]] = room.get(message[1], 0) + message[2]
            for rank, free in room.items():
                self._refill(rank, free)
        return self._outcome()

    # ---- What came out ----

    def _outcome(self):
        span, workers = self.free, self.s.workers
        speedup = self.lengths.sum / span if span else math.nan
        network = max(self.links.busy_out, self.links.busy_back) / span if span else 0.0
        manager = self.busy / span if span else 0.0
        ends = [max(0.0, end) for rank in self.ranks for end in rank.ends()]
        last = max(ends)
        tail = sum(last - end for end in ends) / (workers * span) if span else 0.0
        return Outcome(speedup, speedup / workers, self._limits(speedup / workers, tail, manager, network),
                       self.busy / self.s.tasks, manager, network, span, self.lengths.sum)

    def _limits(self, efficiency, tail, manager, network):
        """Workers that wait at the end are the tail. Else whoever is busy for most of the time keeps them waiting, and where nobody
        is, it is the way there and back."""
        if efficiency >= 0.95:
            return "-"
        if tail > (1 - efficiency) / 2:
            return "tail"
        if max(manager, network) < 0.7:
            return "latency"
        return "manager" if manager >= network else "network"


def run(setting, figures):
    """Simulates one repetition. The same setting and figures give the same outcome."""
    return Manager(setting, figures).run()
