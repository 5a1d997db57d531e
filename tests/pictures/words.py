"""Pure parts of scripts/pictures: numbers, lines moved apart, intervals, buckets, processors."""
import math

import checks  # noqa: F401 # finds the package

from pictures import machine, style
from pictures.kinds import timeline
from pictures.record import bucket_start, clean

DURATIONS = ((1, "1.00 ns"), (999, "999 ns"), (50_562_178, "50.6 ms"), (2.5e9, "2.50 s"), (163e6, "163 ms"), (math.nan, "?"), (0, "0 ns"))
for ns, text in DURATIONS:
    assert style.duration(ns) == text, (ns, style.duration(ns))

for wanted, distance, expected in (
    ([], 1, []),
    ([1, 5], 1, [1, 5]),
    ([1, 1], 1, [0.5, 1.5]),
    ([0, 0, 0], 2, [-2, 0, 2]),
    ([0, 0.5, 10], 1, [-0.25, 0.75, 10]),
    ([0, 1, 1.5], 1, [-0.5 / 3, 1 - 0.5 / 3, 2 - 0.5 / 3]),
):
    moved = style.spread(wanted, distance)
    assert all(abs(a - b) < 1e-9 for a, b in zip(moved, expected)) and len(moved) == len(expected), (wanted, moved)

assert timeline.union([[5, 7], [0, 2], [1, 3]]) == [[0, 3], [5, 7]]
assert timeline.without([[0, 10]], [[2, 3], [5, 6]]) == [[0, 2], [3, 5], [6, 10]]
assert timeline.without([[0, 10]], [[0, 10]]) == []
assert timeline.without([[0, 4], [6, 9]], [[3, 7]]) == [[0, 3], [7, 9]]
assert timeline.without([[0, 4], [5, 9]], []) == [[0, 4], [5, 9]]
assert timeline.without([[1, 4]], [[0, 2], [3, 6]]) == [[2, 3]]
many = [[i * 10, i * 10 + 8] for i in range(100_000)]
gathered = timeline.gathered(many, 1_000_000)
assert len(gathered) <= timeline.COLUMNS and abs(timeline.total(gathered) - 1_000_000) < 2_000, len(gathered)

# As docs/result.schema.json has it: buckets lie side by side, each 1/64 of a power of two.
starts = [bucket_start(b) for b in range(64 * 40)]
assert starts[:66] == [*range(64), 64, 65] and starts[128] == 128 and starts[129] == 130
assert all(0 < b - a <= max(1, a / 64) for a, b in zip(starts, starts[1:]))

assert machine.processors("0-3,8") == {0, 1, 2, 3, 8} and machine.processors("") == set()
assert clean("a\x1b[31m\u202eb\n\ud800") == "a?[31m?b??"
