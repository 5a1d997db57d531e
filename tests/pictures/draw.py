"""FOLDER RESULT...: every kind of picture that a result holds can be drawn, in each format, twice the same; names stay text; what a
result lacks is said; the page holds one script, no name became markup, and its policy allows what is in it and nothing else."""
import base64
import hashlib
import html.parser
import os
import sys
import warnings
import xml.etree.ElementTree as ET

import checks  # noqa: F401 # finds the package

from pictures import plot, report, svg
from pictures.kinds import KINDS, choose
from pictures.record import Failure, load
from pictures.style import MISSING_GLYPHS

KNOWN = {"svg", "g", "path", "use", "defs", "clipPath", "rect", "text", "tspan", "title", "pattern"}


def check_svg(text):
    root = ET.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= KNOWN, tags - KNOWN
    for element in root.iter():
        assert "style" not in element.attrib and not any(name.startswith("on") for name in element.attrib), element.attrib
        link = element.get("href")
        assert link is None or link.startswith("#"), link
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"


class Page(html.parser.HTMLParser):
    """What a browser would find."""

    def __init__(self):
        super().__init__()
        self.tags, self.inside, self.texts, self.policy = [], None, {"script": "", "style": ""}, ""
        self.words = []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.tags.append(tag)
        assert not any(name.startswith("on") or name == "style" for name in names), (tag, names)
        for name in ("href", "xlink:href", "src"):
            assert names.get(name, "#").startswith("#"), (tag, names)
        if names.get("http-equiv") == "Content-Security-Policy":
            self.policy = names["content"]
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside in self.texts:
            self.texts[self.inside] += data
        else:
            self.words.append(data)


def check_page(text, record):
    page = Page()
    page.feed(text)
    assert page.tags.count("script") == 1 and page.tags.count("style") == 1, page.tags
    assert not {"img", "iframe", "object", "embed", "link", "base", "form", "b:script"} & set(page.tags)
    for name, content in page.texts.items():
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in page.policy, name
    assert "unsafe" not in page.policy and page.policy.startswith("default-src 'none'"), page.policy
    said = "".join(page.words)
    for cell in record.cells:
        assert cell.executor in said, cell.executor
        assert cell.role == "reference" or cell.workload in said, cell.workload


def check_lack(record, name):
    try:
        plot.draw(record, name)
    except Failure as e:
        assert str(e).count(": ") >= 2 and e.code == 2, e
    else:
        raise AssertionError(f"{name} of {record.path} was drawn though it lacks something")


def check(path, folder):
    record = load(path)
    drawn = 0
    for name, kind in KINDS.items():
        if kind.lacks(record):
            check_lack(record, name)
            continue
        drawn += 1
        figure = plot.draw(record, name)
        drawn_once = svg.text(figure, name)
        assert drawn_once == svg.text(plot.draw(record, name), name), name
        check_svg(drawn_once)
        for end in plot.FORMATS if name == choose(record) else ():
            out = os.path.join(folder, f"picture.{end}")
            plot.write(figure, out, name)
            with open(out, "rb") as file:
                begin = file.read(8)
            assert begin.startswith({"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}[end]), (end, begin)
            os.unlink(out)
    assert (choose(record) is None) == (drawn == 0)
    check_page(report.page([record], "a <b>result</b> & $x_1$"), record)


warnings.simplefilter("error")  # a layout that did not work out is one
warnings.filterwarnings("ignore", MISSING_GLYPHS)
for result in sys.argv[2:]:
    try:
        check(result, sys.argv[1])
    except Exception:
        print(result, file=sys.stderr)
        raise
