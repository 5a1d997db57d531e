"""The peer of `overhead --executor mpi`: mpi4py's MPIPoolExecutor, with empty tasks.

    mpiexec -n 3 python3 -m mpi4py.futures tests/peers/mpi4py_futures.py [TASKS]

As many workers as ranks beside the first. Prints microseconds per task: by submit, and by map with chunks of 100.
"""

import sys
import time

from mpi4py.futures import MPIPoolExecutor


def task(i):
    return i


def timed(run):
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1e6


def main():
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 2000

    def submit():
        for future in [pool.submit(task, i) for i in range(tasks)]:
            future.result()

    def by_map():
        for _ in pool.map(task, range(100 * tasks), chunksize=100):
            pass

    with MPIPoolExecutor() as pool:
        list(pool.map(task, range(100)))
        print(f"submit {timed(submit) / tasks:.1f} us, map in chunks of 100 {timed(by_map) / (100 * tasks):.3f} us")


if __name__ == "__main__":
    main()
