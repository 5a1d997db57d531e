"""Steps in series of measurements: where the level changed for good, and by how much. Pure: numbers in, numbers out.

A series is the logarithms of what was measured, in the order of time, each with its own standard error (nan: not known).

How it is decided whether there is a step at all. The noise is taken from first differences, by their median, which a few steps
do not move, and is at least what the measurements say of themselves. A measurement that lies further than that beyond both of
its neighbours is moved to there: one alone is an outlier, not a level. What is tested is by how much the best one step, or the
best two, lower the sum of squares, in units of that noise: the same number is computed of thousands of drawn series of white
noise, as long as this one and treated alike, and the share of them that reach it is the p-value. They are drawn with heavier
tails than normal ones (Student's t, 4 degrees of freedom), as times have. Holm's rule goes over all series of a call, so that of
100 histories without any step fewer than 5 have one, however many rows they show (3 are aimed at).

Where the steps are. Optimal partitioning (Jackson and others, IEEE Signal Processing Letters 12, 2005): of all ways to cut the
series into segments of at least two measurements the one with the least sum of squares plus a penalty for each cut, which is the
quantile of the same drawn series. Steps that are smaller than the caller cares for are then taken back, the smallest first.

What is not seen: a step behind the last measurement but one, since one measurement is no level; and noise that remembers, such
as a machine that wanders over days, looks like steps.
"""
import functools
import math
from collections import namedtuple

import numpy as np

SHORTEST = 2   # measurements of a segment
FEWEST = 5     # measurements in which a step may be found
ERROR = 0.03   # chance of a step where there is none, over all series together
DRAWN = 4000   # series that the null distribution is made of, at least
TAILS = 4      # degrees of freedom of the noise that is drawn
GRID = 48      # places of which two steps are tried in pairs, about
EXACTEST = 5e-4  # no measurement of time repeats better

# `at`: index of the first measurement behind it. change, low, high: shares, 0.06 is 6 % more; the interval is of 95 %.
Step = namedtuple("Step", "at change low high")
# steps; levels: the segments' means, one more than there are steps; noise: standard deviation of one measurement; least: the
# share by which the two newest would have to differ for a step to be found (nan: too few measurements).
Found = namedtuple("Found", "steps levels noise least")


# ---- The noise ----


def _rough_noise(series):
    """Of each row of an array: from first differences, whose median is 0.6745 sqrt(2) of the noise."""
    return np.median(np.abs(np.diff(series, axis=1)), axis=1) / (0.6744897501960817 * math.sqrt(2))


def noise_of(values, errors):
    """Standard deviation of one measurement."""
    known = [error for error in errors if math.isfinite(error)]
    within = math.sqrt(np.median(np.square(known))) if known else 0.0
    return max(float(_rough_noise(np.asarray(values, float)[None, :])[0]), within, EXACTEST)


def _without_outliers(series, noise):
    """Rows of an array with each value moved to within its row's noise of what its neighbours span."""
    left = np.concatenate([series[:, 1:2], series[:, :-1]], axis=1)
    right = np.concatenate([series[:, 1:], series[:, -2:-1]], axis=1)
    reach = noise[:, None]
    return np.clip(series, np.minimum(left, right) - reach, np.maximum(left, right) + reach)


def _smooth(values, noise):
    """The same of one series; too short ones as they are."""
    values = np.asarray(values, float)
    return _without_outliers(values[None, :], np.array([noise]))[0] if len(values) >= FEWEST else values


# ---- Is there any? ----


def _gain(series):
    """Of each row of an array, by how much the best step, or half of how much the best two, lower the sum of squares."""
    count = series.shape[1]
    sums = np.cumsum(series - series.mean(axis=1, keepdims=True), axis=1)  # sums[:, k - 1]: of the first k; all: 0
    cuts = np.arange(SHORTEST, count - SHORTEST + 1)
    best = (sums[:, cuts - 1] ** 2 * (count / (cuts * (count - cuts)))).max(axis=1)
    places = cuts[:: max(1, len(cuts) // GRID)]
    for first in places:
        second = places[places >= first + SHORTEST]
        if not len(second):
            break
        before = sums[:, [first - 1]]
        until = sums[:, second - 1]
        two = before**2 / first + (until - before) ** 2 / (second - first) + until**2 / (count - second)
        best = np.maximum(best, two.max(axis=1) / 2)
    return best


@functools.lru_cache(maxsize=None)
def _null(count, drawn):
    """Ascending: the gains, in units of the noise squared, of so many series of white noise of that length."""
    generator = np.random.default_rng([count, drawn])
    gains = []
    for _ in range(0, drawn, 1000):
        series = generator.standard_t(TAILS, (1000, count))
        noise = _rough_noise(series)
        gains.append(_gain(_without_outliers(series, noise)) / noise**2)
    return np.sort(np.concatenate(gains))


def _drawn_for(tests):
    """Enough to know the smallest p-value that Holm's rule asks for."""
    return DRAWN * max(1, 2 ** math.ceil(math.log2(max(1, tests * 4 / ERROR / DRAWN))))


def _p_value(gain, null):
    return (1 + len(null) - np.searchsorted(null, gain)) / (1 + len(null))


def _holm(p_values):
    """Which of them are rejected."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    rejected = set()
    for rank, i in enumerate(order):
        if p_values[i] > ERROR / (len(order) - rank):
            break
        rejected.add(i)
    return rejected


# ---- Where are they? ----


def partition(values, penalty):
    """The indices at which segments begin, but for the first: least sum of squares plus `penalty` for each."""
    values = np.asarray(values, float)
    count = len(values)
    sums = np.concatenate([[0], np.cumsum(values)])
    squares = np.concatenate([[0], np.cumsum(values**2)])
    cost = np.full(count + 1, np.inf)  # of the first k
    cost[0] = -penalty
    begin = np.zeros(count + 1, int)   # of the last segment of the first k
    for k in range(SHORTEST, count + 1):
        i = np.arange(0, k - SHORTEST + 1)
        within = squares[k] - squares[i] - (sums[k] - sums[i]) ** 2 / (k - i)
        total = cost[i] + within + penalty
        begin[k] = np.argmin(total)
        cost[k] = total[begin[k]]
    cuts, k = [], count
    while begin[k] > 0:
        k = int(begin[k])
        cuts.append(k)
    return cuts[::-1]


def _segments(values, cuts):
    return [np.asarray(part, float) for part in np.split(np.asarray(values, float), cuts)]


def _drop_small(values, cuts, threshold):
    """Takes back the smallest step until none is below the threshold."""
    cuts = list(cuts)
    while cuts:
        levels = [part.mean() for part in _segments(values, cuts)]
        sizes = np.abs(np.diff(levels))
        smallest = int(np.argmin(sizes))
        if sizes[smallest] >= math.log1p(threshold):
            break
        del cuts[smallest]
    return cuts


def t_quantile(freedom):
    """The 97.5 % quantile of Student's t, to about 0.1 % (from 5 on by the expansion in Abramowitz and Stegun, 26.7.5)."""
    if freedom < 5:
        return (math.inf, 12.7062, 4.3027, 3.1824, 2.7764)[max(0, freedom)]
    z, v = 1.959964, freedom
    return (z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3))


def _sized(values, cuts, noise):
    """Steps with their sizes. The spread is that within segments, and at least the noise."""
    parts = _segments(values, cuts)
    freedom = len(values) - len(parts)
    spread = max(math.sqrt(sum(((part - part.mean()) ** 2).sum() for part in parts) / freedom), noise) if freedom > 0 else math.inf
    steps = []
    for at, before, behind in zip(cuts, parts, parts[1:]):
        size = behind.mean() - before.mean()
        half = t_quantile(freedom) * spread * math.sqrt(1 / len(before) + 1 / len(behind))
        steps.append(Step(at, math.expm1(size), math.expm1(size - half), math.expm1(size + half)))
    return steps, [float(part.mean()) for part in parts]


# ---- All ----


def _least(count, noise, level, drawn):
    """By what share the last two measurements must lie off for their gain to be found at that level."""
    null = _null(count, drawn)
    critical = null[min(len(null) - 1, math.ceil((1 - level) * len(null)))]
    return math.expm1(noise * math.sqrt(critical * count / (SHORTEST * (count - SHORTEST))))


def find(series, threshold=0.0):
    """Of each (values, errors) a Found, in their order."""
    tested = [i for i, (values, _) in enumerate(series) if len(values) >= FEWEST]
    drawn = _drawn_for(len(tested))
    noises = {i: noise_of(*series[i]) for i in tested}
    smooth = {i: _smooth(series[i][0], noises[i]) for i in tested}
    gains = {i: float(_gain(smooth[i][None, :])[0]) / noises[i] ** 2 for i in tested}
    rejected = _holm([_p_value(gains[i], _null(len(series[i][0]), drawn)) for i in tested])
    with_steps = {tested[k] for k in rejected}
    out = []
    for i, (values, _) in enumerate(series):
        if i not in noises:
            out.append(Found([], [float(np.mean(values))] if len(values) else [], math.nan, math.nan))
            continue
        null = _null(len(values), drawn)
        cuts = []
        if i in with_steps:
            penalty = null[math.ceil((1 - ERROR) * len(null)) - 1] * noises[i] ** 2
            cuts = _drop_small(smooth[i], partition(smooth[i], penalty), threshold)
        steps, levels = _sized(smooth[i], cuts, noises[i])
        out.append(Found(steps, levels, noises[i], _least(len(values), noises[i], ERROR / len(tested), drawn)))
    return out
