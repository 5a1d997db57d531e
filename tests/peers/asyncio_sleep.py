"""The peer of `bench -w sleep -e loop`: asyncio coroutines that loop over one shared iterator and sleep.

    python3 tests/peers/asyncio_sleep.py [TASKS [IN_FLIGHT [MILLISECONDS]]]

Prints one line: tasks per second, and the resident bytes per coroutine, which is what the process grew by while
all of them slept.
"""

import asyncio
import sys
import time


def resident():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096


async def sleeper(tasks, seconds):
    for _ in tasks:
        await asyncio.sleep(seconds)


async def run(tasks, in_flight, seconds):
    before = resident()
    began = time.perf_counter()
    shared = iter(range(tasks))
    sleepers = [asyncio.create_task(sleeper(shared, seconds)) for _ in range(in_flight)]
    await asyncio.sleep(0)  # every one of them has begun to sleep
    waiting = resident()
    await asyncio.gather(*sleepers)
    took = time.perf_counter() - began
    print(f"{tasks / took:.0f} tasks/s, {(waiting - before) / in_flight:.0f} bytes resident per waiting task")


def main():
    tasks, in_flight, milliseconds = (int(a) for a in (sys.argv[1:] + ["100000", "10000", "1"][len(sys.argv) - 1 :]))
    asyncio.run(run(tasks, in_flight, milliseconds / 1000))


main()
