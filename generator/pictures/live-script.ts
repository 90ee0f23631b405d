/** What the live page does: takes messages (live.ts), shows them as text, and draws a line of each number's last values. */

/** Runs in browsers. Whatever comes from the region becomes text, never markup. */
export const LIVE_SCRIPT: string = `"use strict";
const SAMPLES = 120;
const SVG = "http://www.w3.org/2000/svg";
const body = document.querySelector("tbody");
const status = document.querySelector("#status");
const notice = document.querySelector("#notice");
const about = document.querySelector("#about");
const filter = document.querySelector("#filter");
let rows = [];
let marked = [];
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const row = rows[target.dataset.index];
    if (!row) continue;
    row.isSeen = isIntersecting;
    if (isIntersecting) draw(row);
  }
});
const draw = ({ line, samples }) => {
  if (!line) return;
  const known = samples.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const points = samples.map((value, index) => {
    if (!Number.isFinite(value)) return "";
    return (SAMPLES - samples.length + index) + "," + (high === low ? 10 : 19 - (18 * (value - low)) / (high - low));
  });
  line.setAttribute("points", points.filter((point) => point !== "").join(" "));
  line.parentNode.setAttribute("aria-label", known.length === 0 ? "no numbers yet" : "from " + low + " to " + high);
};
const sample = (row) => {
  if (!row.line) return;
  row.samples.push(Number(row.value));
  if (row.samples.length > SAMPLES) row.samples.shift();
  if (row.isSeen) draw(row);
};
const cell = (line, name, text) => {
  const made = line.insertCell();
  made.className = name;
  made.textContent = text;
  return made;
};
const rowOf = ([path, type, offset, value, text, isNumber], index, samples) => {
  const tr = document.createElement("tr");
  tr.dataset.index = index;
  cell(tr, "path", path);
  cell(tr, "type dim", type);
  cell(tr, "number dim", offset);
  const row = { tr, path, value, samples, isSeen: false, shown: cell(tr, "value", text) };
  const last = cell(tr, "spark", "");
  if (isNumber) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 120 20");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    row.line = svg.appendChild(document.createElementNS(SVG, "polyline"));
    last.append(svg);
  }
  tr.hidden = !path.includes(filter.value);
  return row;
};
const take = {
  rows(message) {
    // Rows come and go as containers fill and empty; the others keep their lines.
    const known = new Map(rows.map(({ path, samples }) => [path, samples]));
    seen.disconnect();
    rows = message.rows.map((row, index) => rowOf(row, index, known.get(row[0]) ?? []));
    marked = [];
    about.textContent = message.about;
    body.replaceChildren(...rows.map(({ tr }) => tr));
    for (const row of rows) {
      seen.observe(row.tr);
      sample(row);
    }
  },
  changes({ changes }) {
    for (const { tr } of marked) tr.classList.remove("on");
    marked = changes.map(([index, value, text]) => {
      const row = rows[index];
      row.value = value;
      row.shown.textContent = text;
      row.tr.classList.add("on");
      return row;
    });
    rows.forEach(sample);
  },
  notice({ text, over }) {
    notice.textContent = text;
    if (!over) return;
    events.close();
    say("ended");
  },
};
const say = (text) => (status.textContent = text);
filter.addEventListener("input", () => {
  for (const { tr, path } of rows) tr.hidden = !path.includes(filter.value);
});
const events = new EventSource("events");
events.addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  if (message.kind !== "notice") say("live, " + new Date().toLocaleTimeString());
  take[message.kind](message);
});
events.addEventListener("error", () => say(events.readyState === EventSource.CLOSED ? "ended" : "no connection, trying again"));
`;
