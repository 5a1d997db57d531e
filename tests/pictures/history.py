"""CASE FOLDER TEMPLATE: histories that are made up, so that their truth is known, go through scripts/history: it finds the steps that
are there, with their commit and size, none that are not, and says what it leaves out. TEMPLATE is a result of a run; made records
are like it, but for commit, time and samples."""
import contextlib
import copy
import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ET

import checks  # noqa: F401 # finds the package
import numpy as np

from pictures import history, history_lines, history_steps

ROUNDS = 10
SERIAL, THREAD = "primes serial", "primes thread 2"


class Made:
    """Records below a folder, a day apart. Machine and work have moods, which the reference feels as much as the rows do."""

    def __init__(self, folder, template, seed=1):
        self.folder, self.count = folder, 0
        self.random = np.random.default_rng(seed)
        with open(template, encoding="utf-8") as file:
            data = json.load(file)
        cells = data["cells"]
        pick = [next(c for c in cells if c["role"] == "base"),
                next(c for c in cells if c["executor"] == "thread" and c["role"] == "cell"),
                next(c for c in cells if c["executor"] == "serial" and c["role"] == "reference")]
        for i, cell in enumerate(pick):
            cell.update(id=i, base=None if i == 2 else 0, reference=None, reference_base=None, workload=cell["workload_name"])
        data["cells"], data["findings"] = pick, []
        self.template = data

    def samples(self, cell, ns):
        one = cell["samples"][0]
        times = ns * np.exp(0.004 * self.random.standard_normal(ROUNDS))
        return [{**one, "round": r + 1, "makespan_ns": int(t)} for r, t in enumerate(times)]

    def add(self, commit, change=1.0, noise=0.003, edit=None, name=None):
        """One more: `change` is of the row thread 2 alone. Returns its path."""
        data = copy.deepcopy(self.template)
        mood = np.exp(0.05 * self.random.standard_normal())
        for cell, factor in zip(data["cells"], (1, change, 1)):
            wobble = 1 if cell["role"] == "reference" else np.exp(noise * self.random.standard_normal())
            cell["samples"] = self.samples(cell, 30e6 * factor * mood * wobble)
        day = self.count
        data.update(commit=commit, started=f"2026-{1 + day // 28:02}-{1 + day % 28:02}T12:00:00Z")
        if edit:
            edit(data)
        self.count += 1
        path = os.path.join(self.folder, name or f"{day:03}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(data, file)
        return path


def run(*words):
    """(exit code, standard output, standard error)"""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = history.main(list(words))
    return code, out.getvalue(), err.getvalue()


def told(*words):
    code, out, err = run(*words)
    assert code == 0, err
    return out


def picture(folder):
    return os.path.join(folder, "out.svg")


# ---- Steps ----


def step(folder, template):
    """6 % with the eighth of fourteen, in one of two rows, while the machine's mood swings by as much."""
    made = Made(folder, template)
    for i in range(14):
        made.add(f"{i:07x}", 1.06 if i >= 7 else 1)
    out = told(folder, "-o", picture(folder))
    lines = [line.strip() for line in out.splitlines() if " with " in line]
    assert len(lines) == 1, out
    assert lines[0].startswith(f"{THREAD}: +") and lines[0].endswith(" with 0000007 (2026-01-08), from 0000006"), out
    change = float(lines[0].split("+")[1].split(" %")[0])
    low, high = (float(end) for end in lines[0].split("(")[1].split(")")[0].split(" to "))
    assert low < 6 < high and high - low < 2 and abs(change - 6) < 0.7, out
    assert f"no step in 1 row ({SERIAL})" in out and "14 measurements of 14 commits, 2026-01-01 to 2026-01-14" in out, out
    assert "reference spin:work=100us" in out, out
    drawn = ET.parse(picture(folder)).getroot()
    assert re.search(r"thread 2 takes [56]\.\d % more time since 0000007", drawn.get("aria-label")), drawn.get("aria-label")
    assert " with " not in told(folder, "-o", picture(folder), "--threshold", "8%"), "a step below the threshold is told"


def way_back(folder, template):
    """Up, and down again."""
    made = Made(folder, template)
    for i in range(18):
        made.add(f"{i:07x}", 1.1 if 6 <= i < 12 else 1)
    out = told(folder, "-o", picture(folder))
    found = [line.strip().split(" with ")[1][:7] for line in out.splitlines() if " with " in line]
    assert found == ["0000006", "000000c"], out
    sizes = [float(line.split(": ")[1].split(" %")[0]) for line in out.splitlines() if " with " in line]
    assert abs(sizes[0] - 10) < 1 and abs(sizes[1] + 100 / 11) < 1, out


def alone(folder, template):
    """Not one commit, but the machine: the same commit before and behind; and one that is not known."""
    made = Made(folder, template)
    for i in range(12):
        made.add("abc1234-dirty" if i < 10 else None, 1.1 if i >= 6 else 1)
    out = told(folder, "-o", picture(folder))
    assert " with abc1234-dirty (2026-01-07), between two measurements of it: " in out, out
    assert "12 measurements of 1 commit," in out, out


def false_alarms(kind, count, length=50):
    random = np.random.default_rng(20260131)
    draw = {"normal": random.standard_normal, "heavy": lambda n: random.standard_t(4, n)}[kind]
    return sum(bool(history_steps.find([(0.01 * draw(length), [np.nan] * length)])[0].steps) for _ in range(count))


def noise(folder, template):
    """White noise: each series by itself, short ones too, with tails as they are; and many at once."""
    for kind in ("normal", "heavy"):
        for length in (6, 12, 50):
            alarms = false_alarms(kind, 200, length)
            assert alarms <= 10, f"{alarms} of 200 {kind} series of {length} have a step"
    random = np.random.default_rng(7)
    wrong = 0
    for _ in range(40):
        found = history_steps.find([(0.01 * random.standard_normal(30), [0.003] * 30) for _ in range(25)])
        wrong += any(one.steps for one in found)
    assert wrong <= 4, f"{wrong} of 40 histories of 25 rows have a step"


def power(folder, template):
    """What is said to be findable is found, at the right place and with an interval that holds the truth."""
    random = np.random.default_rng(11)
    hits = places = holds = 0
    for _ in range(100):
        values = 0.01 * random.standard_normal(40)
        values[25:] += np.log(1.05)
        steps = history_steps.find([(values, [np.nan] * 40)])[0].steps
        hits += len(steps) == 1
        places += len(steps) == 1 and abs(steps[0].at - 25) <= 1
        holds += len(steps) == 1 and steps[0].low <= 0.05 <= steps[0].high
    assert hits >= 95 and places >= 90 and holds >= 88, (hits, places, holds)
    found = history_steps.find([([0.0] * 20, [0.002] * 20)])[0]
    values = [0.0] * 18 + [1.3 * np.log1p(found.least)] * 2
    assert [s.at for s in history_steps.find([(values, [0.002] * 20)])[0].steps] == [18], found


def pure(folder, template):
    """Edges of the functions below."""
    assert history_steps.partition([0, 0, 0, 5, 5, 5, 1, 1], 1.0) == [3, 6]
    assert history_steps.partition([0, 0, 9, 0, 0], 1e9) == []
    cuts = history_steps.partition([0, 9, 0, 9, 0, 9, 0], 0.1)
    assert all(end - begin >= 2 for begin, end in zip([0, *cuts], [*cuts, 7])), cuts
    found = history_steps.find([([], []), ([1.0], [0.1]), ([1.0, 1.0, 1.2, 1.2], [np.nan] * 4), ([1.0] * 9, [np.nan] * 9)])
    assert [len(one.steps) for one in found] == [0, 0, 0, 0] and found[1].levels == [1.0] and not found[0].levels
    for freedom, exact in ((1, 12.706), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042)):
        assert abs(history_steps.t_quantile(freedom) / exact - 1) < 0.002, freedom
    value, error, low, high = history_lines.estimate([(0, x) for x in (3.0, 1.0, 2.0, 5.0, 4.0, 6.0)])
    assert (value, low, high) == (3.5, 1.0, 6.0) and error > 0
    assert np.isnan(history_lines.estimate([(0, 1.0), (0, 2.0)])[2])
    value, error, low, high = history_lines.estimate([(0, 1.0), (0, 1.2), (1, 2.0), (2, 3.0)])
    assert value == 2.0 and low < 0.5 and high > 3.5, "launches count, not rounds"
    many = history_lines.estimate([(0, float(x)) for x in range(2000)])
    assert 940 < many[2] < 970 and 1030 < many[3] < 1060, many


# ---- Machines and rows ----


def machines(folder, template):
    """Another machine starts a new line: what is slower there is no step."""
    def elsewhere(data):
        data["machine"]["topology"]["cpu_model"] = "Other 9000"

    def newer_kernel(data):
        data["machine"]["host"].update(kernel="Linux 99", hostname="elsewhere", governor="")

    made = Made(folder, template)
    for i in range(8):
        made.add(f"{i:07x}", edit=newer_kernel if i % 2 else None)
    for i in range(8, 16):
        made.add(f"{i:07x}", 2, edit=elsewhere)
    for i in range(16, 20):
        made.add(f"{i:07x}")
    out = told(folder, "-o", picture(folder))
    assert " with " not in out, out
    assert "Other 9000, 2 processors: 8 measurements of 8 commits" in out and ": 12 measurements of 12 commits" in out, out
    assert "another history (processor: " in out and ", then Other 9000): nothing is said across" in out, out


def missing(folder, template):
    """Rows that failed, that came later, that do another work, or that give other answers."""
    def failed(data):
        data["cells"][1].update(state="failed", error="it died: why: what to do")

    def other_answers(data):
        for sample in data["cells"][1]["samples"]:
            sample["digest"] = "0x00000000000000ff"

    def more_tasks(data):
        cell = data["cells"][1]
        cell["tasks"] *= 3

    def without(data):
        del data["cells"][1]

    made = Made(folder, template)
    for i in range(24):
        late = {3: failed, 4: without}.get(i) or (other_answers if 8 <= i < 16 else more_tasks if i >= 16 else None)
        made.add(f"{i:07x}", 1.3 if late is other_answers else 1, edit=late)
    out = told(folder, "-o", picture(folder))
    assert " with " not in out, out
    for name in (SERIAL, THREAD, f"{THREAD} (2)", f"{THREAD} (3)"):
        assert name in out, (name, out)
    assert f"{THREAD} (2), from 0000008 on: other work than its namesake" in out, out


def no_reference(folder, template):
    """Without the reference a row is held against its base, and the base is taken as it is."""
    def lone(data):
        del data["cells"][2]

    made = Made(folder, template)
    for i in range(8):
        made.add(f"{i:07x}", edit=lone)
    out = told(folder, "-o", picture(folder))
    assert f"time over that of the base serial: {THREAD}" in out and f"time alone, not over a reference: {SERIAL}" in out, out


def single(folder, template):
    """Rows of one measurement are drawn, and nothing is said of steps."""
    made = Made(folder, template)
    for i in range(2):
        made.add(f"{i:07x}", edit=None if i else lambda data: data["cells"].pop(1))
    out = told(folder, "-o", picture(folder))
    assert "too few measurements in 2 rows" in out and "steps need 5" in out, out


def hostile(folder, template):
    """Names are text: no formula, no escape, no markup; and the same records give the same picture."""
    name = "a$x_1$\x1b[2J<b>&'\"\u202e\\frac{1}{0}"

    def odd(data):
        for cell in data["cells"][:2]:
            cell.update(workload=name, workload_full=name)

    made = Made(folder, template)
    for i in range(6):
        made.add(f"<b>{i}$\x1b", edit=odd)
    out = told(folder, "-o", picture(folder))
    assert "\x1b" not in out and "\u202e" not in out and "a$x_1$?[2J<b>" in out, out
    with open(picture(folder), encoding="utf-8") as file:
        text = file.read()
    shown = "".join(ET.fromstring(text).itertext())
    assert "a$x_1$?[2J<b>" in shown and "<b>0$?" in shown, shown
    told(folder, "-o", picture(folder))
    with open(picture(folder), encoding="utf-8") as file:
        assert file.read() == text, "drawn otherwise the second time"
    for end in ("png", "pdf"):
        told(folder, "-o", os.path.join(folder, f"out.{end}"))


# ---- Refusals ----


def refuses(folder, template):
    made = Made(folder, template)
    one = made.add("abc1234")
    other = made.add("abc1235")
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    bad = {"cut": "{\"schema\": 1,", "none": "[]", "newer": "{\"schema\": 2}", "lacks": "{\"schema\": 1, \"cells\": [{}]}"}
    for name, text in bad.items():
        with open(os.path.join(empty, name), "w", encoding="utf-8") as file:
            file.write(text)
    broken = made.add("abc1236", name="broken.txt", edit=lambda data: data["cells"][0]["samples"][0].update(makespan_ns="x"))
    out = picture(folder)
    rows = (
        ([one, "-o", out], 2, "one result of a run: a history needs two or more: "),
        ([one, one, "-o", out], 2, "one result of a run: "),
        ([empty, "-o", out], 2, "empty: there is no result in it: "),
        ([os.path.join(empty, "gone"), "-o", out], 2, "gone: No such file or directory: name a file"),
        ([one, os.path.join(empty, "cut"), "-o", out], 2, "cut:1:"),
        ([one, os.path.join(empty, "none"), "-o", out], 2, "none: no result of bench: "),
        ([one, os.path.join(empty, "newer"), "-o", out], 2, "newer: schema 2, and this reads 1: "),
        ([one, os.path.join(empty, "lacks"), "-o", out], 2, "lacks: a result that lacks what it should hold"),
        ([one, broken, "-o", out], 2, "broken.txt: a result that lacks what it should hold"),
        ([one, other, "-o", os.path.join(folder, "out.gif")], 2, "out.gif: not one of "),
        ([one, other, "-o", os.path.join(empty, "gone", "out.svg")], 6, "out.svg: No such file or directory: "),
        ([one, other, "--threshold", "much"], 2, "--threshold much: not a share"),
        ([one, other, "--bogus"], 2, "--bogus"),
    )
    for words, expected, says in rows:
        code, said, err = run(*words)
        assert code == expected and says in err and err.startswith("history: ") and err.count("\n") == 1, (words, code, said, err)
        assert not os.path.exists(out), words
    with open(os.path.join(folder, "zzz.json"), "w", encoding="utf-8") as file:
        file.write(bad["cut"])
    made.add("abc1237", edit=lambda data: data["cells"][1].update(side="head"))
    code, said, err = run(folder, "-o", out)
    assert code == 0 and "left out: " in err and "zzz.json:1:" in err and "left out: 1 of `bench gate`" in err, err


globals()[sys.argv[1]](*sys.argv[2:4])
