/** A comparison of two versions as a section of a page. */
import { escaped } from "./markup.js";
import type { Part } from "./picture.js";
import { inlineSvg, partId } from "./svg.js";
import type { ComparedPicture, SidePicture, VersionsPicture } from "./versions.js";

/** Colours of verdicts: what needs no work, and what does. */
const TONES = { identical: "good", compatible: "good", upgrade: "warn", breaking: "warn" } as const;

/** `id` begins all ids within. */
export function versionsMarkup({ title, verdict, changes, labels, structs }: VersionsPicture, id: string): string {
  const listed = changes.map(
    ({ class: strength, rule, text }) =>
      `<li><strong class="${TONES[strength]}">${strength}</strong> <code>[${escaped(rule)}]</code> ${escaped(text)}</li>\n`,
  );
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${escaped(title)}</h2>
<p><strong class="${TONES[verdict]}">${verdict}</strong></p>
<ul class="changes">
${listed.join("")}</ul>
${structs.map((struct, index) => compared(struct, `${id}-${index + 1}`, labels)).join("")}</section>
`;
}

/** Pictures above each other, so that the same bytes are, and tables side by side. */
function compared({ name, older, newer }: ComparedPicture, id: string, labels: readonly [string, string]): string {
  const sides = [
    { shown: older, own: `${id}a`, label: labels[0] },
    { shown: newer, own: `${id}b`, label: labels[1] },
  ];
  const pictures = sides.map(
    ({ shown, own, label }) =>
      `<h4>${escaped(label)}</h4>\n${shown === undefined ? NONE : picture(shown, own, keysOf(shown, own, id))}`,
  );
  const tables = sides.map(
    ({ shown, own, label }) =>
      `<div class="scroll"><h4>${escaped(label)}</h4>\n${shown === undefined ? NONE : table(shown, own, keysOf(shown, own, id))}</div>\n`,
  );
  return `<h3>${escaped(name)}</h3>\n${pictures.join("")}<div class="sides">\n${tables.join("")}</div>\n`;
}

const NONE = '<p class="dim">it has no such struct</p>\n';

/** Parts of both sides that belong together have one key. */
function keysOf({ pairs }: SidePicture, id: string, pairId: string): string[] {
  return pairs.map((pair, index) => (pair === undefined ? partId(id, index) : `${pairId}-p${pair}`));
}

function picture({ picture: drawn }: SidePicture, id: string, keys: readonly string[]): string {
  return `<div class="scroll">\n${inlineSvg(drawn, { id, links: true, keys })}</div>\n`;
}

function table({ picture: { parts } }: SidePicture, id: string, keys: readonly string[]): string {
  return `<table>
<thead><tr><th></th><th>field</th><th>type</th><th class="number">offset</th><th class="number">size</th></tr></thead>
<tbody>
${parts.map((part, index) => row(part, partId(id, index), keys[index] ?? "")).join("")}</tbody></table>
`;
}

function row(
  { number, kind, name, type, offset, size, colour, change, elements }: Part,
  id: string,
  key: string,
): string {
  const start = `<tr id="${id}-row" data-f="${key}">`;
  const numbers = `<td class="number">${offset}</td><td class="number">${kind === "tail" ? `${elements?.stride} each` : size}</td></tr>\n`;
  if (number === 0) return `${start}<td></td><td class="dim">${kind}</td><td></td>${numbers}`;
  const tone = change === undefined ? "" : ` class="${change === "new" ? "good" : "warn"}"`;
  return `${start}<td${tone}>${change ?? ""}</td><td><span class="swatch c${colour}"></span><a href="#${id}">${escaped(name)}</a></td><td>${escaped(type)}</td>${numbers}`;
}
