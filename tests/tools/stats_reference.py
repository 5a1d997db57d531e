#!/usr/bin/python3
"""Writes tests/data/stats_reference.h: what numpy and SciPy say of a few series.

Run with a Python that has SciPy (Debian: python3-scipy), from anywhere. The series are seeded, so the file
only changes when this script does. SciPy's BCa draws other resamples than ours: it gets many, and the test
states its tolerance.
"""
import os

import numpy as np
from scipy import stats

RESAMPLES = 100000
OUT = os.path.join(os.path.dirname(__file__), "..", "data", "stats_reference.h")


def series():
    rng = np.random.default_rng(17)
    yield "single", np.array([5.0])
    yield "five", rng.normal(100, 5, 5)
    yield "six", rng.normal(100, 5, 6)
    yield "nine", rng.lognormal(0, 0.3, 9)
    yield "ten", rng.lognormal(0, 0.3, 10)
    yield "normal", rng.normal(34.1, 0.4, 31)
    yield "skewed", rng.exponential(2.0, 40)
    yield "ties", np.round(rng.normal(20, 2, 25))
    yield "drifting", np.arange(30) * 0.25 + rng.normal(50, 1, 30)
    spiked = rng.normal(10, 0.2, 24)
    spiked[[3, 11, 19]] = 11.1, 25.0, 5.0
    yield "spiked", spiked


def exact(x):
    """Order statistics around the median: the greatest k with P(binomial(n, 1/2) < k) <= 2.5 %."""
    n, ordered = len(x), np.sort(x)
    k = max(k for k in range(n // 2 + 1) if stats.binom.cdf(k - 1, n, 0.5) <= 0.025)
    return (np.nan, np.nan) if k == 0 else (ordered[k - 1], ordered[n - k])


def bca(x):
    if len(x) < 10:
        return np.nan, np.nan
    found = stats.bootstrap((x,), np.median, n_resamples=RESAMPLES, method="BCa", batch=10000,
                            random_state=1).confidence_interval
    return found.low, found.high


def fences(x):
    q1, q3 = np.percentile(x, [25, 75])
    r = q3 - q1
    return [int(np.sum(x < q1 - 3 * r)), int(np.sum((x < q1 - 1.5 * r) & (x >= q1 - 3 * r))),
            int(np.sum((x > q3 + 1.5 * r) & (x <= q3 + 3 * r))), int(np.sum(x > q3 + 3 * r))]


def lag1(x):
    d = x - x.mean()
    return np.nan if len(x) < 3 else np.sum(d[1:] * d[:-1]) / np.sum(d * d)


def number(v):
    return "NAN" if np.isnan(v) else repr(float(v))


def row(name, x):
    x = np.round(x, 6)
    slope = stats.theilslopes(x).slope if len(x) > 1 else np.nan
    fields = {
        "median": np.median(x), "q1": np.percentile(x, 25), "q90": np.percentile(x, 90),
        "mad": stats.median_abs_deviation(x), "lag1": lag1(x), "slope": slope,
        "exact_low": exact(x)[0], "exact_high": exact(x)[1], "bca_low": bca(x)[0], "bca_high": bca(x)[1],
    }
    values = ", ".join(repr(float(v)) for v in x)
    lines = [f'    {{.name = "{name}",', f"     .n = {len(x)},", f"     .x = {{{values}}},"]
    lines += [f"     .{key} = {number(value)}," for key, value in fields.items()]
    lines.append(f"     .outliers = {{{', '.join(map(str, fences(x)))}}}}},")
    return "\n".join(lines)


def main():
    with open(OUT, "w") as out:
        out.write("/* Written by tests/tools/stats_reference.py; do not edit. */\n")
        out.write("static const struct reference references[] = {\n")
        for name, x in series():
            out.write(row(name, x) + "\n")
        out.write("};\n\nstatic const struct quantile_row normal_quantiles[] = {\n")
        for p in (1e-6, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9999):
            out.write(f"    {{{p!r}, {number(stats.norm.ppf(p))}}},\n")
        out.write("};\n")


if __name__ == "__main__":
    main()
