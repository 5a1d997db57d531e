"""One colour and one mark for each executor, in every picture.

The colours are Okabe and Ito's (Color Universal Design, 2008), which people with any of the common kinds of colour blindness
tell apart; marks differ too, so that no picture depends on colour alone. CPython's executors have the colour of the one that
they are built like, and a hatch.
"""
from collections import namedtuple

Look = namedtuple("Look", "colour mark hatch")

INK, FAINT, GRID, PAPER = "#1b1f24", "#68707a", "#d5d9de", "#ffffff"  # svg.py finds them, so that pages can have others

_LOOKS = {
    "serial": ("#7f8790", "|"),
    "thread": ("#0072b2", "o"),
    "gil": ("#d55e00", "X"),
    "process": ("#009e73", "s"),
    "openmp": ("#cc79a7", "^"),
    "loop": ("#e69f00", "D"),
    "own": ("#56b4e9", "P"),
    "mpi": ("#8c6d31", "v"),
}
_ALIKE = {"asyncio": "loop", "interpreter": "own", "free": "thread"}
_OTHERS = ("#a6761d", "#4d4d9f", "#7a9a01", "#9e3d64")

GOOD, BAD = "#009e73", "#d55e00"

# Where a worker's time went (docs/statistics.md), from work to waste.
SPENT = {
    "computing": "#0072b2",
    "gil": "#d55e00",
    "io": "#56b4e9",
    "idle": "#d5d9de",
    "rest": "#f0c04a",
}
SPENT_NAMES = {
    "computing": "computing",
    "gil": "waiting for the GIL",
    "io": "waiting in I/O",
    "idle": "idle",
    "rest": "off the processor",
}


def look(executor):
    """Of `thread`, `openmp:schedule=static`, `py.thread`."""
    name = executor.split(":")[0]
    hatch = "///" if name.startswith("py.") else None
    name = name.removeprefix("py.")
    name = _ALIKE.get(name, name)
    colour, mark = _LOOKS.get(name) or (_OTHERS[sum(name.encode()) % len(_OTHERS)], "*")
    return Look(colour, mark, hatch)
