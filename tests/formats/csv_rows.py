"""FILE...: Python's reader, at its strictest, finds a number in each column of numbers, and no formula."""
import csv
import sys

TEXTS = {"workload", "executor", "binding", "via", "runner", "side", "role", "state"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def check(raw):
    assert raw.endswith(b"\r\n") and raw.count(b"\n") == raw.count(b"\r\n"), "lines end in CRLF"
    header, *rows = csv.reader(raw.decode("utf-8").splitlines(keepends=True), strict=True)
    for row in rows:
        assert len(row) == len(header), row
        for name, value in zip(header, row):
            assert not value.lstrip().startswith(FORMULA), value
            if name == "digest":
                assert value.startswith("0x") and int(value, 16) >= 0
            elif name not in TEXTS:
                assert value == "" or int(value) >= 0, (name, value)
    return len(rows)


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        print(path, check(file.read()), "rows")
