"""Sleeping, as in the book's demonstration of Executor.map: `ms=0,step=1000` loiters 0 to 4 seconds."""

import asyncio
import time

from parbench_runner.digest import mix

bound = "io"
PACES = 5


def tasks(step, **_):
    return PACES if step else 0


def _seconds(i, ms, step):
    return (ms + i % PACES * step) / 1000


def loiter(i, ms=10.0, step=0.0):
    """time.sleep in Python

    ms: how long each task sleeps, in milliseconds
    step: how much longer each of five in turn sleeps than the one before it; 1000 with ms=0 are the book's
    """
    seconds = _seconds(i, ms, step)
    time.sleep(seconds)
    return mix(i, round(seconds * 1e9))


async def async_loiter(i, ms=10.0, step=0.0):
    seconds = _seconds(i, ms, step)
    await asyncio.sleep(seconds)
    return mix(i, round(seconds * 1e9))
