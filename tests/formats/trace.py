"""FILE...: trace events as chrome://tracing and Perfetto read them. Each span has a named thread of a named process, and
the spans of a thread lie beside or within each other."""
import collections
import json
import sys


def check(path):
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    assert result["displayTimeUnit"] in ("ms", "ns"), result["displayTimeUnit"]
    names, spans = collections.defaultdict(list), collections.defaultdict(list)
    for event in result["traceEvents"]:
        key = event["pid"], event["tid"]
        assert all(isinstance(number, int) and 0 <= number < 2**33 for number in key), event
        if event["ph"] == "M":
            names[event["name"], *(key if event["name"] == "thread_name" else key[:1])].append(event["args"]["name"])
        else:
            assert event["ph"] == "X" and event["name"] and event["cat"] in ("task", "wait"), event
            assert event["ts"] >= 0 and event["dur"] >= 0, event
            spans[key].append((event["ts"], -event["dur"]))
    assert spans, path
    for key, list_ in spans.items():
        assert len(names["process_name", key[0]]) == len(names["thread_name", *key]) == 1, (key, names)
        around = []
        for start, minus in sorted(list_):
            end = start - minus
            while around and around[-1] <= start:
                around.pop()
            assert not around or end <= around[-1] + 1e-3, (path, key, start, end, around)
            around.append(end)


for path in sys.argv[1:]:
    check(path)
