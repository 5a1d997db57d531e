"""What tests/test_python.c has measured. Each function fails, returns or leaves behind what its name says."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time


def task(i, factor=3, name="x", scale=1.5, loud=False, unused=None):
    """multiplies by a factor

    factor: what the index is multiplied by
    """
    return int(i * factor * scale * len(name)) + loud


def counted(i, size=7):
    return i


counted.tasks = lambda size: size * 2
counted.bytes_per_task = 12
counted.bound = "io"
counted.statuses = ("late",)


def nothing(i):
    pass


def negative(i):
    return -i


def text(i):
    return "text %d" % i


def fails(i):
    if i == 2:
        raise ValueError("two is\ttoo many \ud800")
    return i


class Late(Exception):
    status = "late"


def comes_late(i):
    if i % 2:
        raise Late("task %d came late" % i)
    return i


comes_late.statuses = ("late",)


def returns_float(i):
    return 1.5


def exits(i):
    sys.exit(3)


def prints(i):
    print('{"type":"noise"}')
    return sys.stdin.read(1) == ""


def dies(i):
    os.kill(os.getpid(), signal.SIGKILL)


def leaves_processes(i):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    return i


def leaves_threads(i):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return i


async def waits(i, ms=1):
    await asyncio.sleep(ms / 1000)
    return i


def blocks(i):
    return 1


async def async_blocks(i):
    return 2


def needs_two(i, other):
    return i


def set_up(i, factor=2, given=0):
    return factor * given


set_up.setup = lambda factor, given: {"given": 5}
set_up.teardown = lambda: print("torn down", flush=True)


def bad_setup(i):
    return i


def _fail():
    raise OSError(28, "No space left on device")


bad_setup.setup = _fail
