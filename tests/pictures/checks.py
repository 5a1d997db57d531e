"""What the checks of scripts/pictures share: the package itself, and a result of many rows made of a small one."""
import copy
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))

EXECUTORS = ("thread", "gil", "process", "openmp", "loop", "py.thread", "py.process", "py.asyncio")


def many_rows(path, out, rows=40, rounds=30):
    """Writes to `out` the result at `path` with `rows` cells of `rounds` samples each."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    base = next(cell for cell in data["cells"] if cell["role"] == "base")
    like = next(cell for cell in data["cells"] if cell["role"] == "cell" and cell["samples"])
    cells = [base]
    for i in range(rows - 1):
        cell = copy.deepcopy(like)
        cell.update(id=i + 1, executor=EXECUTORS[i % len(EXECUTORS)], workers=1 << i // len(EXECUTORS), base=0, reference=None,
                    reference_base=None)
        cells.append(cell)
    for cell in cells:
        sample = cell["samples"][0]
        cell["samples"] = [{**sample, "round": r, "makespan_ns": sample["makespan_ns"] + 7919 * (r * 31 % 17)} for r in range(rounds)]
    data["cells"] = cells
    with open(out, "w", encoding="utf-8") as file:
        json.dump(data, file)
