"""FOLDER RESULT...: a result of which something is missing, or of another kind, is drawn or refused with a line, whatever it is."""
import copy
import json
import os
import random
import sys

import checks  # noqa: F401 # finds the package

from pictures import plot, report
from pictures.record import Failure, load

TIMES, SEED = 12, 1
OTHERS = (None, "x", -1, 0, 1e308, [], {}, True)


def places(value, at=()):
    """The way to everything in a value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, key)
        yield from places(inner, (*at, key))


def spoil(data, source):
    """One thing in it is gone, or something else."""
    data = copy.deepcopy(data)
    *way, key = source.choice(list(places(data)))
    inner = data
    for step in way:
        inner = inner[step]
    if isinstance(inner, dict) and source.random() < 0.5:
        del inner[key]
    else:
        inner[key] = source.choice(OTHERS)
    return data


def use(path):
    record = load(path)
    plot.draw(record, None)
    report.page([record])


def main(folder, results):
    source, refused = random.Random(SEED), 0
    for result in results:
        with open(result, encoding="utf-8") as file:
            data = json.load(file)
        for _ in range(TIMES):
            path = os.path.join(folder, "spoilt.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(spoil(data, source), file)
            try:
                use(path)
            except Failure as e:
                refused += 1
                assert str(e).count(": ") >= 2, e
    assert refused, "nothing was refused"


main(sys.argv[1], sys.argv[2:])
