"""FOLDER RESULT... [--shots FOLDER]: pages as Chromium shows them, from their files, driven through chromedriver: nothing is complained of
on the console, nothing is asked of any server, nothing is wider than the window, tables sort, points say what they are, and hostile
names run nothing. A page of 40 rows is less than 2 MB. --shots keeps pictures of them."""
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import checks

from pictures import report
from pictures.record import load

SIZES = ((1280, 900), (400, 800))
# Measured as the browser tells it: to the first contents on the screen (ms), and whether all has been loaded.
PAINTED = "return performance.getEntriesByType('paint').map(p => p.startTime)"


class Browser:
    """One session of WebDriver (W3C), over loopback."""

    def __init__(self, port, profile):
        self.address = f"http://127.0.0.1:{port}"
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage",
                 f"--user-data-dir={profile}"]
        chrome = {"goog:chromeOptions": {"args": words}, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": chrome}})["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def do(self, path, body=None, method="POST"):
        return self.ask(method, f"/session/{self.session}{path}", body if method == "POST" else None)

    def run(self, script, *arguments):
        return self.do("/execute/sync", {"script": script, "args": list(arguments)})

    def log(self, kind):
        return self.do("/se/log", {"type": kind})

    def look(self, width, height, scheme):
        self.do("/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}})
        self.do("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]}})

    def shot(self, path):
        answer = self.do("/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": {"captureBeyondViewport": True}})
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))


@contextlib.contextmanager
def browser():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, \
            subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as driver:
        try:
            port = next(m[1] for m in (re.search(r"successfully on port (\d+)", line) for line in driver.stdout) if m)
            session = Browser(port, profile)
            yield session
            session.do("", method="DELETE")
        finally:
            driver.terminate()


def check_quiet(b, path):
    """Nothing on the console, and no request but for the page itself."""
    told = [entry for entry in b.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not told, told
    asked = [json.loads(entry["message"])["message"] for entry in b.log("performance")]
    addresses = [m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"]
    asked = set(address.partition("#")[0] for address in addresses if not address.startswith("chrome://"))  # its own icons
    assert asked == {"file://" + path}, addresses


def check_layout(b, name):
    wide = b.run("""
        const most = document.documentElement.clientWidth;
        return [...document.body.querySelectorAll('*')]
            .filter((e) => !e.closest('.wide, .picture, #say') && e.getBoundingClientRect().right > most + 1)
            .map((e) => e.tagName + ' ' + e.className)""")
    assert not wide, (name, wide)
    assert b.run("return document.documentElement.scrollWidth <= innerWidth"), name


def check_colours(b, scheme):
    """Text stands out from what it stands on, in pictures too: by WCAG's contrast of at least 4.5."""
    least = b.run("""
        const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
            .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const paper = light(getComputedStyle(document.documentElement).backgroundColor);
        const contrast = (c) => (Math.max(light(c), paper) + 0.05) / (Math.min(light(c), paper) + 0.05);
        const texts = [...document.querySelectorAll('p, li, td, th, dt, dd, h1, h3')].map((e) => getComputedStyle(e).color);
        const drawn = [...document.querySelectorAll('.picture text[fill="var(--ink)"]')].map((e) => getComputedStyle(e).fill);
        return Math.min(...[...texts, ...drawn].map(contrast))""")
    assert least >= 4.5, (scheme, least)


def check_sorting(b):
    """A click on a column of numbers sorts by them, a second one the other way round."""
    script = """
        const table = document.querySelectorAll('table')[arguments[0]], keys = [];
        const column = [...table.tHead.rows[0].cells].findIndex((c) => c.textContent === 'workers');
        if (column < 0) return null;
        for (let turn = 0; turn < 2; turn++) {
            table.tHead.rows[0].cells[column].firstChild.click();
            keys.push([...table.tBodies[0].rows].map((r) => Number(r.cells[column].dataset.key)));
        }
        return keys"""
    sorted_ = 0
    for i in range(b.run("return document.querySelectorAll('table').length")):
        keys = b.run(script, i)
        if keys:
            assert keys[0] == sorted(keys[0]) and keys[1] == sorted(keys[0], reverse=True), keys
            sorted_ += 1
    assert sorted_, "no table has a column of workers"


def check_points(b):
    """The pointer at a point: the hint says what it is."""
    said = b.run("""
        const point = document.querySelector('.points use');
        if (!point) return null;
        point.scrollIntoView({block: 'center'});
        const box = point.getBoundingClientRect(), svg = point.ownerSVGElement;
        const at = {bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2};
        svg.dispatchEvent(new PointerEvent('pointerenter', at));
        svg.dispatchEvent(new PointerEvent('pointermove', at));
        const say = document.getElementById('say');
        return [say.hidden, say.textContent, [...svg.querySelectorAll('.points use')].map((u) => u.dataset.say)]""")
    if said:
        hidden, text, all_texts = said
        assert not hidden and text and text in all_texts, said


def check_page(b, path, shots):
    name = os.path.splitext(os.path.basename(path))[0]
    b.log("performance"), b.log("browser")
    b.look(*SIZES[0], "light")
    b.do("/url", {"url": "file://" + path})
    check_quiet(b, path)
    assert b.run("return document.querySelectorAll('script').length") == 1
    assert b.run("return typeof window.hostile") == "undefined"
    for scheme in ("light", "dark"):
        for width, height in SIZES:
            b.look(width, height, scheme)
            check_layout(b, (name, width))
            if shots:
                b.shot(os.path.join(shots, f"{name}-{width}-{scheme}.png"))
        check_colours(b, scheme)
    check_sorting(b)
    check_points(b)
    check_quiet_still(b)
    return max(b.run(PAINTED), default=None)


def check_quiet_still(b):
    told = [entry for entry in b.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not told, told


def main(folder, results, shots):
    many = os.path.join(folder, "many.json")
    checks.many_rows(results[0], many)
    with browser() as b:
        for result in [*results, many]:
            path = os.path.join(os.path.abspath(folder), os.path.basename(result).removesuffix(".json") + ".html")
            text = report.page([load(result)])
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            begin = time.monotonic()
            painted = check_page(b, path, shots)
            print(f"{os.path.basename(path)}: {len(text.encode())} bytes, drawn after {painted or -1:.0f} ms, "
                  f"looked at for {time.monotonic() - begin:.1f} s")
            assert result != many or len(text.encode()) < 2_000_000, len(text.encode())


words = sys.argv[1:]
kept = words.pop(words.index("--shots") + 1) if "--shots" in words else None
words = [word for word in words if word != "--shots"]
main(words[0], words[1:], kept)
