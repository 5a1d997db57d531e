"""The peer of `bench -e gil`: CPython's own lock, at the three things for which scripts/gil sets both side by side.

    python3 tests/peers/gil.py scale THREADS INTERVAL_MS COUNT     counts down from COUNT in all, shared by the threads
    python3 tests/peers/gil.py sleep THREADS INTERVAL_MS TIMES MS  each thread sleeps so often, so long
    python3 tests/peers/gil.py echo CPU INTERVAL_MS REQUESTS SIZE  a server thread beside CPU threads that compute

Prints one number: seconds, of echo requests per second. The client of echo is a process of its own. Needs nothing but
the standard library, and a CPython that has the lock.
"""

import socket
import subprocess
import sys
import threading
import time


def in_threads(count, function, *arguments):
    """Seconds from when the first of the threads begins, all of them being there, until the last has ended."""
    barrier = threading.Barrier(count)
    moments = []

    def body():
        barrier.wait()
        began = time.perf_counter()
        function(*arguments)
        moments.append((began, time.perf_counter()))

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(ended for _, ended in moments) - min(began for began, _ in moments)


def count_down(n):
    while n > 0:
        n -= 1


def scale(threads, count):
    return in_threads(threads, count_down, count // threads)


def sleep_often(times, seconds):
    for _ in range(times):
        time.sleep(seconds)


def sleep(threads, times, milliseconds):
    return in_threads(threads, sleep_often, times, milliseconds / 1000)


class Computing:
    """Threads that compute until they are told to stop."""

    def __init__(self, count):
        self.stopped = False
        self.threads = [threading.Thread(target=self.compute) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def compute(self):
        n = 0
        while not self.stopped:
            n += 1

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def serve(listener, requests, size, seconds):
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for _ in range(requests):
            message = connection.recv(size)
            while len(message) < size:
                message += connection.recv(size - len(message))
            connection.sendall(message)
        connection.recv(1)  # until the client has its last answer
        seconds.append(time.perf_counter() - began)


def client(port, requests, size):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        message = bytes(size)
        for _ in range(requests):
            connection.sendall(message)
            left = size
            while left:
                left -= len(connection.recv(left))


def echo(cpu, requests, size):
    seconds = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = listener.getsockname()[1]
        words = [sys.executable, __file__, "client", str(port), "0", str(requests), str(size)]
        server = threading.Thread(target=serve, args=(listener, requests, size, seconds))
        server.start()
        computing = Computing(cpu)
        try:
            with subprocess.Popen(words) as other:
                server.join()
        finally:
            computing.stop()
    if other.returncode or not seconds:
        sys.exit("gil.py: echo: the client or the server failed: its own message stands above")
    return requests / seconds[0]


def main():
    kinds = {"scale": (scale, 2), "sleep": (sleep, 3), "echo": (echo, 3), "client": (client, 3)}
    words = sys.argv[1:]
    kind, count = kinds.get(words[0] if words else None, (None, 0))
    if not kind or len(words) != count + 2:
        sys.exit(__doc__)
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        sys.exit("gil.py: this CPython runs without the lock: set PYTHON to one that has it")
    first, interval, *rest = words[1:]
    if kind is client:
        client(int(first), *map(int, rest))
        return
    sys.setswitchinterval(float(interval) / 1000)
    print(f"{kind(int(first), *map(int, rest)):.9g}")


main()
