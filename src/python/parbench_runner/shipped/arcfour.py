"""RC4 as the book has it: pure Python, which holds the GIL all the time. The same answers as bench/arcfour.c."""

import struct

from parbench_runner.digest import MASK, mix

BLOCK = 4096  # bytes


def bytes_per_task(size):
    return size


class Arcfour:
    """The cipher's state, after the key has been set up `loops` times over; RC4 as everybody else has it does so
    once."""

    def __init__(self, key, loops=1):
        self._i = self._j = 0
        self._sbox = sbox = bytearray(range(256))
        j = 0
        for _ in range(loops):
            for i in range(256):
                j = (j + sbox[i] + key[i % len(key)]) % 256
                sbox[i], sbox[j] = sbox[j], sbox[i]

    def crypt(self, data):
        sbox, i, j = self._sbox, self._i, self._j
        out = bytearray()
        for byte in data:
            i = (i + 1) % 256
            j = (j + sbox[i]) % 256
            sbox[i], sbox[j] = sbox[j], sbox[i]
            out.append(byte ^ sbox[(sbox[i] + sbox[j]) % 256])
        self._i, self._j = i, j
        return out


def fold(fold_so_far, data):
    """Eight bytes at a time into 64 bits, zeros in place of what is missing at the end."""
    data = bytes(data) + bytes(-len(data) % 8)
    for (word,) in struct.iter_unpack("<Q", data):
        fold_so_far = ((fold_so_far ^ word) * 0xBF58476D1CE4E5B9) & MASK
    return fold_so_far


def arcfour(i, size=64 << 10):
    """RC4 in Python

    size: bytes that one task encrypts
    """
    cipher = Arcfour(struct.pack("<2Q", mix(i, 0), mix(i, 1)))
    answer = 0
    for begin in range(0, size, BLOCK):
        answer = fold(answer, cipher.crypt(bytes(min(BLOCK, size - begin))))
    return mix(i, answer)
