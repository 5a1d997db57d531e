"""The server of flags: `flags_server.py SIZE DELAY NOT_FOUND ERRORS SEED`. Says its port, and ends with its input.

Run by its path, so that it finds the package where it lies.
"""

import asyncio
import hashlib
import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from parbench_runner import system
from parbench_runner.digest import mix

REASONS = {200: b"OK", 404: b"Not Found", 503: b"Service Unavailable"}
DRAW_ANSWER = 1
BACKLOG = 1000


def answer_for(item, not_found, errors, seed):
    """The code: one uniform number per item, cut into intervals, as in bench/http_item.c."""
    at = (mix(0, mix(item, mix(DRAW_ANSWER, seed))) >> 11) * 2.0**-53
    return 404 if at < not_found else 503 if at < not_found + errors else 200


def body_of(item, size, seed):
    return hashlib.shake_128(b"%d %d" % (seed, item)).digest(size)


class Server:
    def __init__(self, size, delay, not_found, errors, seed):
        self._size, self._delay, self._shares, self._seed = size, delay, (not_found, errors), seed
        self._bodies = {}

    def _body(self, item):
        if item not in self._bodies:
            self._bodies[item] = body_of(item, self._size, self._seed)
        return self._bodies[item]

    async def serve(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            item = int(head.split(None, 2)[1].rpartition(b"/")[2])
            await asyncio.sleep(self._delay)
            code = answer_for(item, *self._shares, self._seed)
            body = self._body(item) if code == 200 else b""
            writer.write(b"HTTP/1.1 %d %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                         % (code, REASONS[code], len(body), body))
            await writer.drain()
        except (OSError, ValueError, IndexError, EOFError):
            pass  # the client is gone, or none of ours
        finally:
            writer.close()


async def main(words):
    over = asyncio.Event()
    server = Server(int(words[0]), *map(float, words[1:4]), int(words[4]))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=BACKLOG)
    asyncio.get_running_loop().add_reader(0, over.set)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await over.wait()


if __name__ == "__main__":
    system.die_with_parent()
    asyncio.run(main(sys.argv[1:]))
