"""The spin loop of parbench/workload.h, in Python: what `calibrate` asks for."""

import time

from parbench_runner.digest import MASK

ITERATIONS = 2000


def _spin(iterations):
    x = 1
    for _ in range(iterations):
        x = ((x ^ (x >> 29)) * 0xBF58476D1CE4E5B9) & MASK
    return x


def rate():
    """Iterations per microsecond: the best of several stretches, since disturbance only ever slows."""
    best = 0.0
    for _ in range(20):
        began = time.perf_counter_ns()
        _spin(ITERATIONS)
        best = max(best, ITERATIONS * 1000 / (time.perf_counter_ns() - began))
    return best
