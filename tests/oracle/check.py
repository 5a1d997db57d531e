#!/usr/bin/python3
"""check.py NAME: answers the questions on standard input by itself, with numpy and SciPy, and compares.

A question is a line {"of": WHAT, "asked": {...}, "answered": {...}}, written by tests/oracle/rows.c. The function
called NAME below gets what is asked by the names of its parameters, lists as arrays, and returns a dictionary of
answers: numbers, arrays, or `within(least, most)` where an answer may lie anywhere between. A function that needs
another tolerance than 1e-9 of the answer's size has an attribute: NAME.relative, NAME.absolute.

What SciPy has is asked of SciPy; what is not in it is computed here in the slowest and plainest way there is.
Exits with 0, with 1 after naming what differs, and with 77 where numpy or SciPy are not installed.

To add a function: a row in rows.c and a function here.
"""
import json
import math
import sys
from fractions import Fraction

try:
    import numpy as np
    from scipy import special
except ImportError as missing:
    sys.exit(print(f"{missing}: type: sudo apt-get install python3-scipy", file=sys.stderr) or 77)


def within(least, most):
    return (least, most)


def quantile(x, q):
    return {"quantiles": np.quantile(x, q)}


def median(x):
    return {"median": np.median(x)}


def undisturbed_mean(x, share):
    first = len(x) // 18
    return {"mean": np.mean(np.sort(x)[first : max(int(share * len(x)), first + 1)])}


def midmean(x):
    from scipy import stats
    return {"mean": stats.trim_mean(x, 0.25)}


def mad(x):
    return {"mad": np.median(abs(x - np.median(x)))}


def rank_of(n):
    """The greatest k with P(binomial(n, 1/2) < k) <= 2.5 %."""
    k = np.arange(1, n // 2 + 1)
    return int(np.sum(special.bdtr(k - 1, n, 0.5) <= 0.025))


def median_exact(x):
    ordered, k = np.sort(x), rank_of(len(x))
    low, high = (ordered[k - 1], ordered[len(x) - k]) if k else (np.nan, np.nan)
    return {"value": np.median(x), "low": low, "high": high}


def exact_ranks(n):
    return {"rank": rank_of(int(n)) or np.nan}


def lag1(x):
    if len(x) < 3 or np.ptp(x) == 0:
        return {"lag1": np.nan}
    exact = [Fraction(float(v)) for v in x]
    d = [v - sum(exact) / len(exact) for v in exact]
    return {"lag1": float(sum(p * q for p, q in zip(d, d[1:])) / sum(v * v for v in d))}


def drift(x):
    from scipy import stats
    return {"slope": stats.theilslopes(x).slope if len(x) > 1 else np.nan}


def outliers(x):
    q1, q3 = np.quantile(x, [0.25, 0.75])
    r = q3 - q1
    below, above = q1 - x, x - q3
    return {"counts": [np.sum(below > 3 * r), np.sum((below > 1.5 * r) & (below <= 3 * r)),
                       np.sum((above > 1.5 * r) & (above <= 3 * r)), np.sum(above > 3 * r)]}


def normal_cdf(x):
    return {"p": special.ndtr(x)}


def normal_quantile(p):
    return {"x": special.ndtri(p)}


normal_quantile.absolute = 1e-15  # of 0.5 it is 0


def medians_of_draws(value, upto, n):
    """Every median that n draws can have, ascending, and how likely each is: of values, ascending, of which a draw is
    at most the i-th with the chance upto[i]."""
    before = np.concatenate([[0.0], upto[:-1]])
    m = (n + 1) // 2
    # The m-th smallest draw is at most the i-th value: at least m of n draws are.
    at_most = np.concatenate([[0.0], special.bdtrc(m - 1, n, upto)])
    at_most[-1] = 1.0
    single = np.diff(at_most)
    if n % 2:
        return value, single
    # Draw m is value i and draw m + 1 is a later value j: m draws are up to i, one of them i; the others from j on.
    low = upto ** m - before ** m
    high = (1 - before) ** m - (1 - upto) ** m
    joint = np.triu(special.comb(n, m) * np.outer(low, high), 1)
    joint[np.diag_indices(len(value))] = np.maximum(single - joint.sum(axis=1), 0)
    first, second = np.triu_indices(len(value))
    median = (value[first] + value[second]) / 2
    order = np.argsort(median, kind="stable")
    return median[order], joint[first, second][order]


def medians_of_resamples(ordered):
    n = len(ordered)
    return medians_of_draws(ordered, np.arange(1, n + 1) / n, n)


def bca(x, resamples):
    """Efron's BCa from the exact distribution; the drawn one differs by what chance allows: 5 standard errors."""
    ordered = np.sort(x)
    n, theta = len(x), np.median(x)
    value, likely = medians_of_resamples(ordered)
    total = np.cumsum(likely)
    share = likely[value < theta].sum() + likely[value == theta].sum() / 2
    jackknife = np.array([np.median(np.delete(ordered, i)) for i in range(n)])
    d = jackknife.mean() - jackknife
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5) if (d ** 2).sum() > 0 else 0
    found = {"value": theta}
    for name, level in (("low", 0.025), ("high", 0.975)):
        ends = []
        for sign in (-5, 5):
            drawn = share + sign * math.sqrt(share * (1 - share) / resamples)
            z = special.ndtri(min(max(drawn, 0.5 / resamples), 1 - 0.5 / resamples))
            at = special.ndtr(z + (z + special.ndtri(level)) / (1 - a * (z + special.ndtri(level))))
            at += sign * math.sqrt(at * (1 - at) / resamples)
            ends.append(value[min(np.searchsorted(total, min(max(at, 0), 1)), len(value) - 1)])
        found[name] = within(*ends)
    return found


def bca_drawn(x, resamples):
    """SciPy's, which draws too. Medians of resamples jump, so what is allowed is told in levels: 1.2 %, which is 5
    standard errors of the difference of two intervals of 20,000 resamples."""
    from scipy import stats
    drawn = stats.bootstrap((x,), np.median, n_resamples=int(resamples), method="BCa", batch=10000, random_state=1)
    found = {"value": np.median(x)}
    for name in ("low", "high"):
        level = np.mean(drawn.bootstrap_distribution <= getattr(drawn.confidence_interval, name))
        found[name] = within(*np.quantile(drawn.bootstrap_distribution, [max(level - 0.012, 0), min(level + 0.012, 1)]))
    return found


def by_launch(x, launch):
    return [np.sort(x[launch == one]) for one in np.unique(launch)]


def medians_of_launches(launches):
    """The same of the medians of as many launches as there are, drawn with replacement, of as many of their values."""
    if len(launches) == 1:
        return medians_of_resamples(launches[0])
    value, likely = map(np.concatenate, zip(*map(medians_of_resamples, launches)))
    order = np.argsort(value, kind="stable")
    upto = np.minimum(np.cumsum(likely[order]) / len(launches), 1)
    upto[-1] = 1.0
    return medians_of_draws(value[order], upto, len(launches))


def chance(share, resamples):
    """Within what the share of drawn ones lies, and at least one of them: 5 standard errors."""
    off = 5 * math.sqrt(share * (1 - share) / resamples) + 1 / resamples
    return max(share - off, 0), min(share + off, 1)


STUDENT = 0.003  # pb_student_975 is exact to that


def launches_interval(x, launch, resamples):
    """From the exact distribution of what is drawn, stretched as stats/launches.h says."""
    launches = by_launch(x, launch)
    k = len(launches)
    value = np.median([np.median(one) for one in launches])
    if len(x) < 6:
        return {"value": value, "low": np.nan, "high": np.nan}
    if k == 1:
        return median_exact(x)
    median, likely = medians_of_launches(launches)
    total = np.cumsum(likely)
    stretch = math.sqrt(k / (k - 1)) * special.stdtrit(k - 1, 0.975) / special.ndtri(0.975)
    found = {"value": value}
    for name, level in (("low", 0.025), ("high", 0.975)):
        ends = [stretch * (median[min(np.searchsorted(total, at), len(median) - 1)] - value)
                for at in chance(level, resamples)]
        slack = STUDENT * max(map(abs, ends))
        found[name] = within(value + ends[0] - slack, value + ends[1] + slack)
    return found


class Difference:
    """Of two independent draws, each from values that are so likely."""
    def __init__(self, base, head):
        self.base, self.likely = base[0], np.concatenate([[0.0], np.cumsum(base[1])])
        self.head = head
        self.span = head[0].min() - base[0].max(), head[0].max() - base[0].min()
        moments = [[np.sum(p * (v - np.sum(p * v)) ** power) for v, p in (base, head)] for power in (2, 4)]
        self.deviation = math.sqrt(sum(moments[0]))
        self.kurtosis = (sum(moments[1]) + 6 * moments[0][0] * moments[0][1]) / self.deviation ** 4

    def upto(self, border):
        below = self.likely[np.searchsorted(self.base, self.head[0] - border, side="left")]
        return min(max(float(np.sum(self.head[1] * (1 - below))), 0), 1)

    def quantile(self, level):
        low, high = self.span[0] - 1e-9, self.span[1] + 1e-9
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.upto(middle) >= level else (middle, high)
        return high


def two_level(base, base_launch, head, head_launch, resamples, confidence, threshold):
    """The same of the shift between two sides, each spread by itself as stats/two_level.h says."""
    sides = [by_launch(base, base_launch), by_launch(head, head_launch)]
    freedom = sum(map(len, sides)) - 2
    value, drawn = [], []
    for launches in sides:
        units = len(launches) if len(launches) > 1 else len(launches[0])
        spread = math.sqrt(units / (units - 1)) if units > 1 else 1
        if len(launches) > 1:
            spread *= special.stdtrit(freedom, 0.975) / special.ndtri(0.975)
        median, likely = medians_of_launches(launches)
        value.append(np.median([np.median(one) for one in launches]))
        drawn.append((value[-1] + (median - value[-1]) * spread, likely))
    shift, both = value[1] - value[0], Difference(*drawn)

    def end(level):
        ends = [both.quantile(at) for at in chance(level, resamples)]
        slack = STUDENT * max(abs(at - shift) for at in ends)
        return within(ends[0] - slack, ends[1] + slack)

    tail = (1 - confidence) / 2
    low, high = end(tail), end(1 - tail)
    off = STUDENT + 5 * math.sqrt(max(both.kurtosis - 1, 0) / (4 * resamples))
    deviation = within(both.deviation * (1 - off), both.deviation * (1 + off))
    half = (high[0] - low[1]) / 2, (high[1] - low[0]) / 2
    border = math.log1p(threshold)
    below, upto = ([both.upto(at * (1 + sign * STUDENT) - sign * STUDENT * shift) for sign in (-1, 1)]
                   for at in (-border, border))
    below, upto = [(chance(min(s), resamples)[0], chance(max(s), resamples)[1]) for s in (below, upto)]
    levels = []
    for e in (0, 1):
        least = min(upto[e], 1 - below[1 - e], max(below[e], 1 - upto[1 - e]))
        levels.append(min(1, 2 * max(1 / (resamples + 1), least)))
    return {"value": shift, "launches": min(map(len, sides)), "deviation": deviation, "low": low, "high": high,
            "level": within(*levels),
            "detectable": within(*(math.expm1(border + h + special.ndtri(0.95) * d) for h, d in zip(half, deviation)))}


def looks(alpha, looks):
    """All looks up to k together spend k / (k + 1) of a fifth of what there is, the last the rest; the first is at the least number of values
    of which the extreme signs alone are as rare as it may spend, on both sides."""
    total = Fraction(repr(alpha)) / 5
    spent = [total * k / (k + 1) for k in range(int(looks) + 1)]
    n = [next(n for n in range(10, 200) if Fraction(2, 2 ** n) <= spent[1])]
    while len(n) < looks:
        n.append(math.ceil(Fraction(4 * n[-1], 3)))
    return {"shares": [float(b - a) for a, b in zip(spent, spent[1:])], "spent": [float(s) for s in spent[1:]], "at": n,
            "last": float(4 * total)}


def karp_flatt(speedup, workers):
    """The fraction with which Amdahl's law gives that speedup: 1/S is linear in it, so two points tell."""
    def fraction(s):
        if workers < 2:
            return np.nan
        none, all_ = Fraction(1) / Fraction(workers), Fraction(1)
        return float((1 / Fraction(s) - none) / (all_ - none))
    return {"value": fraction(speedup), "low": fraction(speedup * 1.2), "high": fraction(speedup * 0.9)}


def list_bound(length, workers):
    free = [0.0] * int(workers)
    for task in length:
        free[free.index(min(free))] += task
    return {"bound": math.fsum(length) / max(free) if max(free) > 0 else np.nan}


def bins_quantile(x, q, width):
    """By nearest rank, with levels as they are written, not as they are stored: 0.7 of 10 is 7."""
    ranks = [math.ceil(Fraction(repr(float(level))) * len(x)) for level in q]
    value = np.sort(x)[np.array(ranks) - 1]
    by_numpy = np.quantile(x, q, method="inverted_cdf")
    clear = np.abs(q * len(x) - np.round(q * len(x))) > 1e-9
    assert np.array_equal(value[clear], by_numpy[clear]), "numpy answers otherwise than the definition"
    return {"quantiles": value // width * width + (width - 1) / 2}


def ratio(rounds_a, a, rounds_b, b):
    under = {r: v for r, v in zip(rounds_b, b) if v > 0}
    logs = np.array([math.log(v / under[r]) for r, v in zip(rounds_a, a) if v > 0 and r in under])
    found = median_exact(logs) if len(logs) else dict.fromkeys(("value", "low", "high"), np.nan)
    return {"pairs": len(logs), **{name: np.exp(value) for name, value in found.items()}}


def change(low, high, threshold):
    down, up = -math.log(1 + threshold), math.log(1 + threshold)
    return {"regressed": low > up, "improved": high < down, "equivalent": down <= low and high <= up}


def holm(p, alpha):
    """Step down from the smallest: each needs alpha over how many are left, itself included."""
    known = np.where(np.isnan(p), 1, p)
    adjusted, level, decided = np.empty(len(p)), np.empty(len(p)), np.zeros(len(p))
    order = np.argsort(known, kind="stable")
    going, shared = True, alpha
    for k, i in enumerate(order):
        adjusted[i] = min(1, max((len(p) - j) * known[order[j]] for j in range(k + 1)))
        shared = alpha / (len(p) - k) if going else shared
        going = going and bool(p[i] <= shared)
        level[i], decided[i] = shared, going
    return {"adjusted": adjusted, "level": level, "decided": decided}


def signed_rank_counts(n):
    """In how many of the 2^n choices of ranks 1 to n their sum is 0, 1, 2 ..."""
    counts = [1]
    for rank in range(1, int(n) + 1):
        longer = counts + [0] * rank
        for i, c in enumerate(counts):
            longer[i + rank] += c
        counts = longer
    return counts


def signed_rank(n, exact, k):
    if exact:
        counts = signed_rank_counts(n)
        return {"below": [float(Fraction(sum(counts[:int(v) + 1]), 2 ** int(n))) for v in k]}
    mean, deviation = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return {"below": special.ndtr((k + 0.5 - mean) / deviation)}


def shift(x, alpha):
    i, j = np.triu_indices(len(x))
    averages = np.sort((x[i] + x[j]) / 2)
    counts, total, cut = signed_rank_counts(len(x)), 0, 0
    while Fraction(total + counts[cut], 2 ** len(x)) <= Fraction(repr(alpha)) / 2:
        total += counts[cut]
        cut += 1
    low, high = (averages[cut - 1], averages[len(averages) - cut]) if cut else (np.nan, np.nan)
    return {"value": np.median(averages), "low": low, "high": high}


def trend(x):
    n = len(x)
    if n < 3:
        return {"deviations": np.nan}
    s = sum(int(np.sign(x[j] - x[i])) for i in range(n) for j in range(i + 1, n))
    return {"deviations": (s - np.sign(s)) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)}


def cut(x):
    if np.ptp(x) == 0:
        return dict.fromkeys(("low", "high", "separability"), np.nan)
    ordered = np.sort(x) - np.min(x)
    inside = [ordered[:k].var() * k + ordered[k:].var() * (len(x) - k) for k in range(1, len(x))]
    k = int(np.argmin(inside)) + 1
    return {"low": ordered[:k].mean() + np.min(x), "high": ordered[k:].mean() + np.min(x),
            "separability": 1 - inside[k - 1] / (ordered.var() * len(x))}


def student_975(freedom):
    return {"t": special.stdtrit(freedom, 0.975)}


student_975.relative = 0.003


def usl_throughput(n, g, a, b):
    return g * n / (1 + a * (n - 1) + b * n * (n - 1))


def usl_peak(g, a, b):
    from scipy import optimize
    best = optimize.minimize_scalar(lambda n: -usl_throughput(n, g, a, b), bounds=(1, 1000), method="bounded",
                                    options={"xatol": 1e-9})
    return {"peak": best.x, "there": -best.fun}


usl_peak.relative = 1e-5  # the top is flat


def usl_fit(n, log_x, usl):
    """N / X is linear in 1/g, a/g, b/g, none of them negative; relative deviations, so divided by itself."""
    from scipy import optimize
    columns = np.stack([np.ones(len(n)), n - 1, n * (n - 1)][:3 if usl else 2], axis=1)
    found, norm = optimize.nnls(columns * (np.exp(log_x) / n)[:, None], np.ones(len(n)))
    return {"squares": norm ** 2, "g": 1 / found[0], "a": found[1] / found[0],
            "b": found[2] / found[0] if usl else 0}


usl_fit.relative, usl_fit.absolute = 1e-7, 1e-12


def aicc_of(squares, parameters, n):
    """From the likelihood of n normal deviations whose variance is fitted, without what every law has alike."""
    from scipy import stats
    deviation = math.sqrt(squares / n)
    minus_twice = -2 * n * (stats.norm.logpdf(deviation, scale=deviation) + (1 + math.log(2 * math.pi)) / 2)
    return minus_twice + 2 * parameters * n / (n - parameters - 1)


def usl_aicc(n, log_x, rounds, inside):
    """Of g, a, the variance and for the whole law b; of as many values as are left when each round's own mean is out.
    The law is USL's where that has the less, Amdahl's where too few widths could tell, and none below 4 of them."""
    left = len(n) * rounds - (rounds - 1)
    squares = [inside + rounds * usl_fit(n, log_x, usl)["squares"] for usl in (0, 1)]
    amdahl, usl = aicc_of(squares[0], 3, left), aicc_of(squares[1], 4, left)
    return {"amdahl": amdahl, "usl": usl, "law": 0 if len(n) < 4 else 2 if len(n) >= 6 and usl < amdahl else 1}


usl_aicc.relative = 1e-7


def differs(ours, theirs, relative, absolute):
    """What is wrong with the answer; None: nothing."""
    if isinstance(theirs, tuple):
        slack = 1e-9 * max(map(abs, theirs))
        good = theirs[0] - slack <= ours <= theirs[1] + slack
        return None if good else f"is {ours!r}, not from {theirs[0]!r} to {theirs[1]!r}"
    ours, theirs = np.atleast_1d(np.array(ours, float)), np.atleast_1d(np.array(theirs, float))
    if ours.shape != theirs.shape:
        return f"has {len(ours)} numbers, not {len(theirs)}"
    for i, (x, y) in enumerate(zip(ours, theirs)):
        same = (np.isnan(x) and np.isnan(y)) or x == y or abs(x - y) <= max(relative * abs(y), absolute)
        if not same:
            return f"[{i}] is {x!r}, not {y!r}"
    return None


def main(name):
    function = globals()[name]
    relative, absolute = getattr(function, "relative", 1e-9), getattr(function, "absolute", 0)
    questions = wrong = 0
    for line in sys.stdin:
        question = json.loads(line)
        asked = {k: np.array(v, float) if isinstance(v, list) else v for k, v in question["asked"].items()}
        theirs, ours = function(**asked), question["answered"]
        questions += 1
        assert theirs.keys() == ours.keys(), f"{name} answers {list(theirs)}, not {list(ours)}"
        for key in ours:
            why = differs(ours[key], theirs[key], relative, absolute)
            if why:
                wrong += 1
                if wrong <= 5:
                    print(f"{name} of {question['of']}: {key} {why}")
    print(f"{questions} questions, {wrong} answers differ")
    return 1 if wrong or not questions else 0


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        sys.exit(main(sys.argv[1]))
