"use strict";

// ---- Tables: a click on a column's name sorts by it, a second one the other way round ----

function keyOf(row, column) {
    const cell = row.cells[column];
    const key = cell.dataset.key;
    return key === undefined ? cell.textContent : key === "" ? null : Number(key);
}

function compare(a, b) {
    if (a === null || b === null)
        return (a === null) - (b === null);
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function sortBy(heading) {
    const table = heading.closest("table"), body = table.tBodies[0], column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells)
        other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
    const known = rows.filter(([key]) => key !== null).sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
    body.append(...known.map(([, row]) => row), ...rows.filter(([key]) => key === null).map(([, row]) => row));
}

for (const button of document.querySelectorAll("th button"))
    button.addEventListener("click", () => sortBy(button.parentElement));

// ---- Pictures: what the nearest point is ----

const NEAR = 14; // pixels
const say = document.getElementById("say");

function pointsOf(svg) {
    return [...svg.querySelectorAll(".points use")].map((point) => {
        const box = point.getBoundingClientRect(), around = svg.getBoundingClientRect();
        return {x: box.x + box.width / 2 - around.x, y: box.y + box.height / 2 - around.y, text: point.dataset.say};
    });
}

function show(svg, points, event) {
    const around = svg.getBoundingClientRect();
    const x = event.clientX - around.x, y = event.clientY - around.y;
    let nearest = null, least = NEAR;
    for (const point of points) {
        const distance = Math.hypot(point.x - x, point.y - y);
        if (distance < least)
            [nearest, least] = [point, distance];
    }
    say.hidden = !nearest;
    if (!nearest)
        return;
    say.textContent = nearest.text;
    say.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - say.offsetWidth - 4)) + "px";
    say.style.top = Math.max(4, event.clientY - say.offsetHeight - 8) + "px";
}

for (const title of document.querySelectorAll(".points use > title")) {
    title.parentElement.dataset.say = title.textContent; // the browser's own hint would stand over ours
    title.remove();
}
for (const svg of document.querySelectorAll(".picture svg")) {
    let points = [];
    svg.addEventListener("pointerenter", () => { points = pointsOf(svg); });
    svg.addEventListener("pointermove", (event) => show(svg, points, event));
    svg.addEventListener("pointerleave", () => { say.hidden = true; });
}
