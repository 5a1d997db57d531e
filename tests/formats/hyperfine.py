"""FILE...: has the members of what hyperfine itself writes, of the same types, and what its plot scripts read.

Debian does not ship those scripts, which need matplotlib; READ is what each takes of a result, as of 1.20.0.
"""
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

NUMBER = (int, float)
READ = {
    "advanced_statistics.py": ("command", "times"),
    "plot_benchmark_comparison.py": ("command", "mean"),
    "plot_histogram.py": ("command", "times"),
    "plot_parametrized.py": ("mean", "parameters", "stddev"),
    "plot_progression.py": ("command", "times"),
    "plot_whisker.py": ("command", "median", "times"),
    "welch_ttest.py": ("command", "times"),
}


def hyperfine():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "real.json")
        subprocess.run(["hyperfine", "-N", "-r", "2", "--style", "none", "-P", "n", "1", "2", "--export-json", path,
                        "true"], check=True, capture_output=True)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def kind(value):
    return NUMBER if isinstance(value, NUMBER) else type(value)


real = hyperfine()
EXPECTED = {key: kind(value) for key, value in real["results"][0].items()}


def check_row(row):
    assert set(row) == set(EXPECTED), set(row) ^ set(EXPECTED)
    times = row["times"]
    for key, value in row.items():
        lone = key == "stddev" and len(times) < 2 and value is None
        assert lone or isinstance(value, EXPECTED[key]), (key, value)
    assert times and len(times) == len(row["exit_codes"])
    assert all(isinstance(t, NUMBER) for t in times) and all(code in (0, 1) for code in row["exit_codes"])
    assert all(isinstance(value, str) for value in row["parameters"].values())
    for script, keys in READ.items():
        assert set(keys) <= set(row), (script, set(keys) - set(row))
    for key, value in (("mean", statistics.fmean(times)), ("median", statistics.median(times)), ("min", min(times)),
                       ("max", max(times)), ("stddev", statistics.stdev(times) if len(times) > 1 else None)):
        assert value is None or math.isclose(row[key], value, rel_tol=1e-9, abs_tol=1e-12), (key, row[key], value)


def check_parameters(rows):
    """plot_parametrized.py ends itself unless each result has one parameter, a number, of the same name in all."""
    assert all(len(row["parameters"]) == 1 for row in rows), rows[0]["parameters"]
    assert len({name for row in rows for name in row["parameters"]}) <= 1
    for row in rows:
        float(*row["parameters"].values())


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as source:
        ours = json.load(source)
    assert set(ours) == set(real), set(ours)
    for one in ours["results"]:
        check_row(one)
    check_parameters(ours["results"])
    print(path, len(ours["results"]), "rows")
