"""What scripts/history runs: results over commits, what changed with which of them in words, and a picture."""
import math
import os
import re
import sys

from . import history_draw, history_lines, history_steps
from . import record as records
from . import style
from .options import Parser
from .plot import write

FOLDER = "results"  # below which `bench --save` keeps records
MOST_NAMES = 6     # of rows in a line

EXAMPLES = """examples:
  bench -w sha -e thread --tasks 64 --save     after each commit, on the same machine
  scripts/history                              of all that was saved below results/
  scripts/history results/amd-epyc-2 --threshold 5% -o sha.svg
"""


def _share(text):
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+) ?(%?)", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else math.nan
    if not 0 <= share <= 10:
        raise records.Failure(f"--threshold {text}: not a share from 0% to 1000%: give one such as 2%")
    return share


def parser():
    p = Parser("history", "Results of `bench --save` over commits: which of them made what slower, or faster.", EXAMPLES)
    p.add_argument("sources", metavar="DIR or FILE", nargs="*", help=f"results, or folders of them ({FOLDER})")
    p.add_argument("-o", "--output", metavar="FILE", default="history.png", help="where the picture goes: .png, .svg or .pdf (history.png)")
    p.add_argument("--threshold", metavar="P", default="2%", help="the smallest step worth telling (2%%)")
    return p


# ---- Records ----


def _below(folder):
    found = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names if name.endswith(".json")]
    if not found:
        raise records.Failure(f"{folder}: there is no result in it: let `bench --save` write some, or name another folder")
    return sorted(found)


def _say(text):
    print(f"history: {records.clean(text)}", file=sys.stderr)


def load_all(sources):
    """The records in the order of time, each file once. Of a folder what is no result is left out, and said; a file that is named
    has to be one. Failure: there are not two of them."""
    found = {}
    for source in sources or [FOLDER]:
        named = not os.path.isdir(source)
        for path in [source] if named else _below(source):
            try:
                found.setdefault(os.path.realpath(path), history_lines.check(records.load(path)))
            except records.Failure as e:
                if named:
                    raise
                _say(f"left out: {e}")
    usable = [r for r in found.values() if not any(c.side for c in r.cells)]
    if len(usable) < len(found):
        _say(f"left out: {len(found) - len(usable)} of `bench gate`, which measure two builds")
    if len(usable) < 2:
        raise records.Failure(f"{'one result' if usable else 'no result'} of a run: a history needs two or more: measure another commit by "
                              f"`bench --save`")
    return sorted(usable, key=lambda r: (r.started, r.path))


def commit_of(record):
    commit = record.data.get("commit")
    return records.clean(commit)[:80] if isinstance(commit, str) else ""


def moment_of(record):
    """Its commit, or where it is not known the time."""
    return commit_of(record) or record.started[:16].replace("T", " ")


# ---- Words ----


def _signed(share):
    return style.percent(share, signed=True)


def _interval(step):
    return " to ".join(f"{100 * end:.1f}" if math.isfinite(end) else "?" for end in (step.low, step.high))


def say_step(line, step):
    before, after = (line.machine.records[line.points[at].record] for at in (step.at - 1, step.at))
    text = f"{line.name}: {_signed(step.change)} ({_interval(step)}) with {moment_of(after)}"
    text += f" ({after.started[:10]})" if commit_of(after) else ""
    if commit_of(after) and commit_of(after) == commit_of(before):
        return f"{text}, between two measurements of it: the machine changed, or what is not in the commit"
    return f"{text}, from {moment_of(before)}"


def _counted(count, one, many):
    return f"{count} {one if count == 1 else many}"


def _names(lines):
    return ", ".join(line.name for line in lines[:MOST_NAMES]) + (f" and {len(lines) - MOST_NAMES} more" if len(lines) > MOST_NAMES else "")


def _say_rest(lines, threshold):
    """Of rows without a step, what could have been seen; and what the numbers are of."""
    still = [line for line in lines if not line.found.steps and math.isfinite(line.found.least)]
    few = [line for line in lines if not math.isfinite(line.found.least)]
    if still:
        least = [max(line.found.least, threshold) for line in still]
        ends = style.percent(min(least)) if max(least) < 1.05 * min(least) else f"{style.percent(min(least))} to {style.percent(max(least))}"
        yield f"no step in {_counted(len(still), 'row', 'rows')} ({_names(still)}); one of {ends} in the last two would have been found"
    if few:
        yield f"too few measurements in {_counted(len(few), 'row', 'rows')} ({_names(few)}): steps need {history_steps.FEWEST}"
    again = [line for line in lines if line.again]
    for line in again[:MOST_NAMES]:
        yield (f"{line.name}, from {moment_of(line.machine.records[line.points[0].record])} on: other work than its namesake "
               f"(parameters, answers, number of tasks), or held against another row")
    if again[MOST_NAMES:]:
        yield f"and so do {len(again) - MOST_NAMES} more"
    for scale in dict.fromkeys(line.scale for line in lines):
        rows = [line for line in lines if line.scale == scale]
        what = "time alone, not over a reference" if scale == "time alone" else f"time over that of the {scale}"
        yield f"{what}: {_names(rows)}"
    counts = [line for line in lines if len(line.counts) > 1]
    if counts:
        yield (f"the number of tasks differs in {_names(counts)}: it is time per task; measure with the same --tasks to compare the "
               f"same work")


def tell(machine, lines, threshold):
    """All that there is to say of a machine, a line each."""
    recorded = machine.records
    commits = {commit_of(record) for record in recorded} - {""}
    yield (f"{machine.name}: {_counted(len(recorded), 'measurement', 'measurements')} of {_counted(len(commits), 'commit', 'commits')}, "
           f"{recorded[0].started[:10]} to {recorded[-1].started[:10]}")
    steps = [(step, line) for line in lines for step in line.found.steps]
    steps.sort(key=lambda pair: (pair[1].points[pair[0].at].record, -abs(pair[0].change)))
    for step, line in steps:
        yield f"  {say_step(line, step)}"
    for text in _say_rest(lines, threshold):
        yield f"  {text}"


def _why_apart(machines):
    """In what each machine differs from the one before it."""
    for before, machine in zip(machines, machines[1:]):
        names = before.differs(machine.facts)
        yield "; ".join(f"{name}: {before.facts[name]}, then {machine.facts[name]}" for name in names)


# ---- All ----


def analyse(sources, threshold):
    """Machines, each with its lines and their steps."""
    machines = history_lines.machines_of(load_all(sources))
    pairs = [(machine, history_lines.lines_of(machine)) for machine in machines]
    lines = [line for _, own in pairs for line in own]
    if not lines:
        raise records.Failure("no row of these results was measured: there is nothing to draw")
    for line, found in zip(lines, history_steps.find([line.series for line in lines], threshold)):
        line.found = found
    return [(machine, own) for machine, own in pairs if own]


def run(words):
    options = parser().parse_args(words)
    threshold = _share(options.threshold)
    pairs = analyse(options.sources, threshold)
    text = [[*tell(machine, lines, threshold)] for machine, lines in pairs]
    for lines, why in zip(text, ["", *_why_apart([machine for machine, _ in pairs])]):
        print("\n".join(([f"another history ({why}): nothing is said across"] if why else []) + lines))
    figure = history_draw.draw(pairs, moment_of)
    write(figure, options.output, " ".join(figure.findings))
    print(options.output)


def main(words):
    try:
        run(words)
    except records.Failure as e:
        return records.complain("history", e)
    return 0
