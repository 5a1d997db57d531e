"""The kinds of pictures, the first that suits a record being what it is drawn as.

A kind is a file and a row here. It has

    SUMMARY         one line for --help
    lacks(record)   what the record would have to hold, or None if it does; then `bench` can measure it
    suits(record)   whether it is the picture to choose, of a record that lacks nothing
    draw(record)    a figure
"""
from .. import style
from . import change, latency, spent, speedup, time, timeline

KINDS = {
    "change": change,
    "timeline": timeline,
    "speedup": speedup,
    "latency": latency,
    "time": time,
    "spent": spent,
}


def draw(record, name):
    """The picture, ready to be saved."""
    figure = KINDS[name].draw(record)
    model = " · *: a model of CPython's lock" if any(cell.is_model for cell in record.cells) else ""
    style.footer(figure, record.machine_line() + model)
    style.finish(figure)
    return figure


def choose(record):
    """The name of the kind that suits a record best; None: nothing in it can be drawn."""
    drawable = [name for name, kind in KINDS.items() if not kind.lacks(record)]
    return next((name for name in drawable if KINDS[name].suits(record)), drawable[0] if drawable else None)
