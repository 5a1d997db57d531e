"""The model of the executor mpi: a simulation by discrete events of rank 0, the network and the ranks that work.

Rank 0 is a server that does one thing at a time. Its turn is that of src/executor/mpi_manager.c and mpi_range.c: it takes some of the
messages that have arrived, then gives the ranks that they came from new tasks, as many as cover the way there and back by what
it has learnt of it. When a message arrives, and what a plain rank does about it, is known once it is sent, since links and ranks
serve in the order of arrival; so events are mostly on the way back."""
import gc
import heapq
import math
from collections import namedtuple

from . import simulate_work as work

# via: "submit" or "for". inner: a rank for each host, or for each worker. bandwidth: of every link, in bits/s, 0: without limit.
# crowded: ranks share processors. warm: repetitions before the one that counts, from which rank 0 learns.
Setting = namedtuple("Setting", "workers hosts inner via task_ns tasks kind variation latency_ns bandwidth seed crowded warm",
                     defaults=(0, False, "submit", 1e6, 1, "fixed", 1.0, 0.0, 0, 1, False, 0))
# limits: what most of the workers' time that is no work went to. cost_ns: rank 0's time for each task.
Outcome = namedtuple("Outcome", "speedup efficiency limits cost_ns manager network span_ns work_ns")

# Bytes of what executor/mpi_message.h has: a kind and a stamp, a chunk, a task, what a rank tells, an account.
HEAD, CHUNK, TASK, TOLD, ACCOUNT = 32, 24, 32, 48, 56


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


class Seat:
    """What rank 0 knows of a rank."""

    def __init__(self, crew, place, task_ns, trip_ns):
        self.crew, self.place, self.workers = crew, place, crew.workers
        self.out = 0  # tasks or chunks that are there
        self.task_ns, self.trip_ns = task_ns, trip_ns

    def learn(self, now, report):
        passed = now - report.stamp - report.held_ns if report.stamp is not None else 0
        if passed > 0:
            self.trip_ns += (passed - self.trip_ns) / 4
        if report.tasks and report.busy_ns:
            self.task_ns += (report.busy_ns * self.workers / report.tasks - self.task_ns) / 4


class Manager:
    """Rank 0, and all that it sees."""

    def __init__(self, setting, figures):
        self.s, self.f = setting, figures
        self.lengths = work.Lengths(setting.kind, setting.task_ns, setting.variation, setting.seed)
        crews, places = work.ranks(setting, figures, self.lengths)
        trip = 2 * (setting.latency_ns + figures.send_ns + figures.receive_ns)
        near = 2 * (figures.local_latency_ns + figures.local_send_ns + figures.local_receive_ns)
        self.seats = [Seat(crew, place, setting.task_ns, trip if place else near) for crew, place in zip(crews, places)]
        for seat in self.seats:
            seat.crew.later = self._later
            seat.crew.tell = lambda at, report, seat=seat: self._leave(at, seat, report)
        self.range = setting.via == "for"
        self.half = (figures.manager_chunk_ns if self.range else figures.manager_task_ns) / 2
        self.look_ns = figures.manager_seat_ns * len(self.seats)  # at all of them
        self.naps = work.Naps(figures, setting.crowded, figures.NAP_AWAITING_NS)
        self.sequence = 0

    def _begin(self):
        """A repetition: everybody has waited."""
        self.links = Links(self.s)
        self.left, self.under_way = self.s.tasks, 0
        self.free, self.busy, self.lengths.sum = 0.0, 0.0, 0.0
        self.events = []  # (time, sequence, what is called then, with what)
        for seat in self.seats:
            seat.out = 0
            seat.crew.begin()
        self._work(self.f.ring_ns)

    # ---- Events ----

    def _event(self, at, call, *args):
        self.sequence += 1
        heapq.heappush(self.events, (at, self.sequence, call, args))

    def _later(self, at, call):
        self._event(at, call)

    def _size(self, report):
        results = CHUNK if self.range else work.RESULT_BYTES * report.results
        return self.f.message_bytes + TOLD + ACCOUNT * report.accounts + results

    def _leave(self, at, seat, report):
        """A rank has sent a report."""
        if seat.place:
            self._event(at, self._pass, seat, report)
        else:
            self._event(at + self.f.local_latency_ns, None, seat, report)

    def _pass(self, at, seat, report):
        self._event(self.links.leave(seat.place, at, self._size(report)), self._enter, seat, report)

    def _enter(self, at, seat, report):
        at = self.links.enter(at, self._size(report))
        if not self.events or at <= self.events[0][0]:
            return at, seat, report  # nothing comes between
        self._event(at, None, seat, report)
        return None

    def _next(self):
        """Has the next event happen. Returns when a message is there for rank 0, from whom and what; else None."""
        at, _, call, args = heapq.heappop(self.events)
        return call(at, *args) if call else (at, *args)

    # ---- Sending ----

    def _work(self, by):
        self.free += by
        self.busy += by

    def _send(self, seat, count, results):
        """A message with `count` tasks; `results` will come back."""
        f, size = self.f, self.f.message_bytes + HEAD + (CHUNK if self.range else (TASK + self.f.args_bytes) * count)
        stamp = self.free
        self._work(self.half * results + (f.send_ns if seat.place else f.local_send_ns))
        self.left -= count
        self.under_way += results
        seat.out += results
        arrives = self.links.to(seat.place, self.free, size) if seat.place else self.free + f.local_latency_ns
        if seat.crew.asks_later:
            self._event(arrives, lambda at, crew: crew.take(stamp, at, count), seat.crew)
        else:
            seat.crew.take(stamp, arrives, count)

    def _ahead(self, seat, each):
        unit, horizon = seat.task_ns * each / seat.workers, 2 * seat.trip_ns + self.f.HORIZON_NS
        return 0 if horizon * self.f.WORTH < unit else min(math.ceil(horizon / unit), self.f.AHEAD_MAX)

    def _feed(self, seats):
        """Futures to the one that has least to do, again and again."""
        by_load = [(seat.out / seat.workers, i) for i, seat in enumerate(seats)]
        heapq.heapify(by_load)
        most = min(self.f.BATCH_TASKS, -(-self.f.BATCH_BYTES // int(TASK + self.f.args_bytes)))
        while by_load and self.left:
            _, i = heapq.heappop(by_load)
            seat = seats[i]
            room = seat.workers + self._ahead(seat, 1) - seat.out
            if room > 0:
                count = min(room, self.left // len(self.seats) + 1, most, self.left)
                self._work(self.look_ns)
                self._send(seat, count, count)
                heapq.heappush(by_load, (seat.out / seat.workers, i))

    def _chunk(self, seat):
        f, left, workers = self.f, self.left, seat.workers
        size = left // (self.s.workers * (f.SHARE_TOGETHER if workers > 1 else f.SHARE_ALONE)) * workers
        least = min(max(f.CHUNK_NS, seat.trip_ns / 2) * workers / seat.task_ns, left // (2 * len(self.seats)))
        return min(max(size, int(least), workers), left)

    def _deal(self, seats):
        """A chunk to each that wants one, again and again."""
        while seats and self.left:
            self._work(self.look_ns)
            wanting = []
            for seat in seats:
                count = self._chunk(seat)
                if count and seat.out < 1 + min(self._ahead(seat, count), self.f.CHUNKS_AHEAD):
                    self._send(seat, count, 1)
                    wanting.append(seat)
            seats = wanting

    # ---- Taking ----

    def _take(self, at, seat, report):
        if at > self.free:
            self.free = self.naps.seen(self.free, at, not seat.place)
        seat.learn(self.free, report)
        self._work((self.f.receive_ns if seat.place else self.f.local_receive_ns) + self.half * report.results + self.look_ns / 2)
        self.under_way -= report.results
        seat.out -= report.results

    def _repeat(self):
        """Until the last result is taken."""
        give = self._deal if self.range else self._feed
        self._begin()
        give(self.seats)
        events, most = self.events, self.f.AT_MOST
        while self.under_way:
            taken, seats = 0, {}
            while events and taken < most and (not taken or events[0][0] <= self.free):
                message = self._next()
                if message:
                    self._take(*message)
                    taken += 1
                    seats[message[1]] = True
            if self.left:
                give(list(seats))

    def run(self):
        for _ in range(1 + self.s.warm):
            self._repeat()
        return self._outcome()

    # ---- What came out ----

    def _outcome(self):
        span, workers = self.free, self.s.workers
        speedup = self.lengths.sum / span if span else math.nan
        network = max(self.links.busy_out, self.links.busy_back) / span if span else 0.0
        manager = self.busy / span if span else 0.0
        ends = [max(0.0, end) for seat in self.seats for end in seat.crew.ends()]
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
    collects = gc.isenabled()
    gc.disable()  # events are many, and none refers to itself
    try:
        return Manager(setting, figures).run()
    finally:
        if collects:
            gc.enable()
