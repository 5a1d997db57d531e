"""The book's downloads: twenty items from a server of our own, which is a process of its own on the loopback. Which
items are missing or fail depends on the item and the seed alone, as in bench/http_item.c.

As in the book each download opens a connection of its own. The twin for an event loop speaks HTTP by asyncio's streams.
"""

import asyncio
import hashlib
import http.client
import os
import subprocess
import sys

bound = "io"
statuses = ("not_found",)
_server = None


def tasks(items, **_):
    return items


def bytes_per_task(size, **_):
    return size


def setup(port, size, delay, not_found, errors, seed, **_):
    """Starts the server, unless there is one; it ends when its input does."""
    global _server
    if port:
        return {}
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flags_server.py")
    words = [str(word) for word in (size, delay, not_found, errors, seed)]
    _server = subprocess.Popen([sys.executable, script] + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = _server.stdout.readline()
    if not line:
        raise RuntimeError("the server ended with exit code %d" % _server.wait())
    return {"port": int(line)}


def teardown():
    global _server
    if _server:
        _server.kill()
        _server.communicate()
    _server = None


class HTTPFailed(Exception):
    status = "error"


class NotFound(HTTPFailed):
    status = "not_found"


def _judge(code, body, size):
    if code != 200:
        raise (NotFound if code == 404 else HTTPFailed)("HTTP %d" % code)
    if len(body) != size:
        raise HTTPFailed("%d of %d bytes" % (len(body), size))
    return int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "little")


def flags(i, items=20, size=8 << 10, delay=0.01, not_found=0.0, errors=0.0, seed=1, port=0):
    """downloads in Python from a server on the loopback

    items: how many there are to download
    size: bytes of an item
    delay: how long the server takes for an answer, as 20ms
    not_found: share of items that are missing: 404
    errors: share of items that fail: 503
    seed: decides which items meet which fault, and their bytes
    port: a server that runs already, on the loopback; 0: one of our own is started
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/items/%d" % i)
        answer = connection.getresponse()
        return _judge(answer.status, answer.read(), size)
    finally:
        connection.close()


async def async_flags(i, size, port, **_):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /items/%d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % i)
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        return _judge(int(head.split(None, 2)[1]), body, size)
    finally:
        writer.close()
