"""FILE...: has the members of what hyperfine itself writes, of the same types, and what its plot scripts read."""
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

NUMBER = (int, float)


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
    float(list(row["parameters"].values())[0])  # plot_parametrized.py and plot_progression.py take the first
    for key, value in (("mean", statistics.fmean(times)), ("median", statistics.median(times)), ("min", min(times)),
                       ("max", max(times)), ("stddev", statistics.stdev(times) if len(times) > 1 else None)):
        assert value is None or math.isclose(row[key], value, rel_tol=1e-9, abs_tol=1e-12), (key, row[key], value)


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as source:
        ours = json.load(source)
    assert set(ours) == set(real), set(ours)
    for one in ours["results"]:
        check_row(one)
    print(path, len(ours["results"]), "rows")
