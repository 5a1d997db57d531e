"""SHA-256 as the book has it: each task makes its own input, in pure Python, which holds the GIL and takes most of the
time; hashlib gives the GIL up for more than 2047 bytes. Without `generate` the answers are those of bench/sha.c."""

import hashlib
import random
import struct

from parbench_runner.digest import mix

PIECE = 2047  # bytes, of which hashlib keeps the GIL


def bytes_per_task(size, **_):
    return size


def setup(size, generate, **_):
    """The input that all tasks share, if they make none."""
    words = 0 if generate else -(-size // 8)
    return {"shared": b"".join(struct.pack("<Q", mix(k, 0)) for k in range(words))[:size]}


def make_input(i, size):
    draw = random.Random(i).randrange
    return bytearray(draw(256) for _ in range(size))


def sha256(parts, hold=False):
    algorithm = hashlib.sha256()
    for part in parts:
        if hold:
            view = memoryview(part)
            for begin in range(0, len(view), PIECE):
                algorithm.update(view[begin : begin + PIECE])
        else:
            algorithm.update(part)
    return algorithm.digest()


def sha(i, size=64 << 10, generate=True, hold=False, shared=b""):
    """SHA-256 of hashlib

    size: bytes that one task hashes
    generate: make the input in the task, in Python as the book does (1), or hash one that is there (0)
    hold: keep the GIL by hashing in small pieces (1), or let hashlib give it up (0)
    """
    parts = (make_input(i, size),) if generate else (struct.pack("<Q", i), shared)
    return int.from_bytes(sha256(parts, hold)[:8], "little")
