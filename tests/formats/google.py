"""OLD NEW [OLD NEW]...: Google's compare.py reads two files of format google, by two of its commands. Each file holds runs
or aggregates, since it takes one for the other."""
import contextlib
import io
import json
import runpy
import sys

HOME = "/usr/share/benchmark"
CONTEXT = {"date", "host_name", "executable", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled", "caches", "load_avg",
           "library_build_type", "json_schema_version"}
sys.path.insert(0, HOME)


def compare(*words):
    """In this process, as loading SciPy takes long."""
    sys.argv = ["compare.py", "--no-color", *words]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_path(HOME + "/compare.py", run_name="__main__")
        except SystemExit as end:
            assert not end.code, (words, end.code, said.getvalue())
    return said.getvalue()


def anything_like(name):
    return "^" + "".join(c if c.isalnum() else "." for c in name) + "$"


def check(old, new):
    with open(old, encoding="utf-8") as file:
        result = json.load(file)
    assert CONTEXT <= set(result["context"]), result["context"]
    for cache in result["context"]["caches"]:
        assert set(cache) == {"type", "level", "size", "num_sharing"}, cache
    rows = result["benchmarks"]
    kinds = {row["run_type"] for row in rows}
    assert len(kinds) <= 1, kinds
    names = sorted({row["name"] for row in rows})
    said = compare("benchmarks", old, new)
    for name in names:
        assert name in said, (name, said)
    assert not rows or "OVERALL_GEOMEAN" in said or kinds == {"aggregate"}, said
    if len(names) > 1:
        compare("filters", old, anything_like(names[0]), anything_like(names[1]))
    print(old, len(names), "names,", len(rows), "rows")


for pair in zip(sys.argv[1::2], sys.argv[2::2]):
    check(*pair)
