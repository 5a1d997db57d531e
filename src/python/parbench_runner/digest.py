"""Digests of tasks, and the sum over a repetition that every executor must give.

The sum takes more time than many a task: it is worked out after the clock has stopped.
"""

import hashlib

MASK = (1 << 64) - 1


def mix(i, value):
    """pb_mix of parbench/workload.h: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    z = (value + 0x9E3779B97F4A7C15 * (i + 1)) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def digest_of(value):
    """64 bits for what a task returned."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value & MASK
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "little")
    raise TypeError("it returned a %s: return an int, bytes, str or None" % type(value).__name__)
