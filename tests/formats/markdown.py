"""FILE...: GitHub's own renderer finds tables of equal rows, a heading, items, and nothing that a name has brought in."""
import html.parser
import subprocess
import sys

KNOWN = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.count = [], {}

    def handle_starttag(self, tag, attrs):
        assert tag in KNOWN, (tag, attrs)
        assert all(name == "align" for name, _ in attrs), (tag, attrs)
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append(0)
        elif tag in ("td", "th"):
            self.rows[-1][-1] += 1

    def handle_comment(self, data):
        raise AssertionError(data)


def check(text):
    words = [word for name in EXTENSIONS for word in ("-e", name)]
    done = subprocess.run(["cmark-gfm", "--unsafe", *words], input=text, capture_output=True, check=True)
    page = Page()
    page.feed(done.stdout.decode())
    assert page.count.get("h3") == 1 and page.rows, done.stdout
    lines = text.decode().split("\n")
    written = sum(line.startswith("|") for line in lines) - len(page.rows)
    assert sum(len(table) for table in page.rows) == written, (page.rows, written)
    assert sum(line.startswith("- ") for line in lines) == page.count.get("li", 0)
    for table in page.rows:
        assert len(set(table)) == 1, table
    return page.count


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        print(path, check(file.read()))
