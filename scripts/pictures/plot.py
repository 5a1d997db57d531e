"""What scripts/plot runs: a result as a picture."""
import os

from . import record as records
from . import kinds, svg
from .files import write_whole
from .options import Parser

FORMATS = ("png", "svg", "pdf")

EXAMPLES = """examples:
  bench -w sha -e all -o sha.json; scripts/plot sha.json
  bench -w sha -e thread,process -n 1-8 -o sha.json; scripts/plot sha.json -o sha.svg
  bench -w primes -e thread,gil --trace -o primes.json; scripts/plot primes.json --kind timeline
"""


def parser():
    rows = "\n".join(f"  {name:9} {kind.SUMMARY}" for name, kind in kinds.KINDS.items())
    p = Parser("plot", "Draws a result of `bench -o FILE`, as what suits it, or as --kind says.", f"kinds:\n{rows}\n\n{EXAMPLES}")
    p.add_argument("result", metavar="RESULT.json")
    p.add_argument("-o", "--output", metavar="FILE", help="where to, its end says how: .png, .svg or .pdf (RESULT.png)")
    p.add_argument("--kind", choices=kinds.KINDS, metavar="KIND", help="what to draw (what suits the result)")
    return p


def check_format(path):
    """The format that `path` ends in. Failure: it is none."""
    end = os.path.splitext(path)[1][1:].lower()
    if end not in FORMATS:
        raise records.Failure(f"-o {path}: not one of .{', .'.join(FORMATS)}: let the name end in one of them")
    return end


def write(figure, path, finding):
    """The picture in the format that `path` ends in: whole, or not at all. Failure: it cannot be written."""
    end = check_format(path)

    def fill(out):
        if end == "svg":
            out.write(svg.text(figure, finding).encode())
        else:
            figure.savefig(out, format=end, metadata={"CreationDate": None} if end == "pdf" else {"Software": None})

    write_whole(path, fill)


def draw(record, kind):
    """The figure. Failure: the record does not hold what the picture shows."""
    with records.reading(record.path):
        kind = kind or kinds.choose(record)
        if not kind:
            raise records.Failure(f"{record.path}: nothing in it was measured: there is nothing to draw")
        lacks = kinds.KINDS[kind].lacks(record)
        if lacks:
            raise records.Failure(f"--kind {kind}: {record.path} does not hold {lacks}: measure that, or draw another kind")
        return kinds.draw(record, kind)


def main(words):
    try:
        options = parser().parse_args(words)
        record = records.load(options.result)
        output = options.output or os.path.splitext(options.result)[0] + ".png"
        figure = draw(record, options.kind)
        write(figure, output, " ".join(figure.findings))
    except records.Failure as e:
        return records.complain("plot", e)
    print(output)
    return 0
