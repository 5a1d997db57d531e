"""A figure as SVG: matplotlib's, rewritten so that it can stand in a page whose policy allows no inline styles, takes the page's
colours, shares the page with others, and says of each point what it is.

Text stays text, so a name in a picture can be searched for, and is escaped by the XML writer like everything else."""
import io
import re
import xml.etree.ElementTree as ET

from . import palette

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
ET.register_namespace("", _SVG[1:-1])

# Colours that a page replaces by its own, of the class "picture"; the others look well on light and on dark.
_THEMED = {
    palette.INK: "var(--ink)",
    palette.FAINT: "var(--faint)",
    palette.GRID: "var(--grid)",
    palette.PAPER: "var(--paper)",
}
_FONT = re.compile(r"(?:(italic|oblique) )?(?:(bold|[1-9]00) )?([\d.]+)px ")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_PLAIN = {  # what every element would say otherwise
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
}


def _declarations(style):
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _attributes(style):
    """A style's declarations as presentation attributes."""
    for name, value in _declarations(style):
        if name != "font":
            yield name, value
            continue
        match = _FONT.match(value)
        if match:
            if match[2]:
                yield "font-weight", match[2]
            yield "font-size", match[3]


def _rewrite(element, prefix, themed):
    style = element.attrib.pop("style", None)
    if style:
        for name, value in _attributes(style):
            if _PLAIN.get(name) != value:
                element.set(name, _THEMED.get(value, value) if themed else value)
    if "id" in element.attrib:
        element.set("id", prefix + element.get("id"))
    for name in ("clip-path", "fill", "mask"):
        if name in element.attrib:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", element.get(name)))
    link = element.attrib.pop(_LINK, None)
    if link:
        element.set("href", "#" + prefix + link[1:])


def _say_points(root, points):
    """A title for each point of the groups that style.name_points named."""
    for group in root.iter(_SVG + "g"):
        texts = points.get(group.get("id"))
        if not texts:
            continue
        group.set("class", "points")
        for mark, text in zip(group.iter(_SVG + "use"), texts):
            ET.SubElement(mark, _SVG + "title").text = text


def _strip(root):
    for child in list(root):
        if child.tag == _SVG + "metadata":
            root.remove(child)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == _SVG + "style" or (child.tag == _SVG + "defs" and not len(child)):
                parent.remove(child)


def text(figure, name, prefix="", themed=False):
    """The figure as one element `svg`, whose accessible name is `name`. `prefix` tells its ids from those of other pictures of
    the page; `themed`: its ink, grid and paper are the page's variables --ink, --faint, --grid and --paper."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ET.fromstring(out.getvalue())
    _say_points(root, figure.points)
    _strip(root)
    for element in root.iter():
        _rewrite(element, prefix, themed)
    root.set("role", "img")
    root.set("aria-label", name)
    root.set("font-family", "system-ui, 'DejaVu Sans', sans-serif" if themed else "'DejaVu Sans', sans-serif")
    root.set("stroke-linejoin", "round")
    if themed:
        for size in ("width", "height"):
            del root.attrib[size]
    return ET.tostring(root, encoding="unicode")
