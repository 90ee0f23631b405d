/** One page with every struct of a schema: pictures, tables, and what changed since the versions that were published. */
import { BANNER, escaped, escapedLines, pageOf } from "./markup.js";
import { PAGE_SCRIPT } from "./page-script.js";
import type { Part, StructPicture } from "./picture.js";
import { pageStyle, pictureStyle } from "./style.js";
import { inlineSvg, partId } from "./svg.js";
import type { VersionsPicture } from "./versions.js";
import { versionsMarkup } from "./versions-markup.js";

/** What a page shows. */
export interface LayoutPage {
  /** Of the page: the schemas, or the one schema. */
  readonly title: string;
  /** By the id of the struct, in order. */
  readonly structs: ReadonlyMap<string, StructPicture>;
  readonly versions: readonly VersionsPicture[];
}

/** The text of the page. The same for the same layouts. */
export function layoutPage({ title, structs, versions }: LayoutPage): string {
  const anchors = anchorsOf([...structs].map(([id, { name }]) => [id, name]));
  const sections = [...structs].map(([id, picture]) => section(picture, anchors.get(id) ?? id, anchors));
  const compared = versions.map((one, index) => versionsMarkup(one, `versions-${index + 1}`));
  const entries = [
    ...[...structs].map(([id, { name, size }]) => entry(anchors.get(id) ?? id, name, `${size} bytes`)),
    ...versions.map(({ title: name, verdict }, index) => entry(`versions-${index + 1}`, name, verdict)),
  ];
  return pageOf({
    title,
    style: pageStyle() + pictureStyle(),
    script: PAGE_SCRIPT,
    banner: BANNER,
    body: `<header><h1>${escaped(title)}</h1>
<p class="dim">A line is 64 bytes, as the processor's cache has them. Numbers are bytes from the start of the struct.</p></header>
<nav aria-label="Structs"><ul>
${entries.join("")}</ul></nav>
<main>
${sections.join("")}${compared.join("")}</main>
`,
  });
}

function entry(anchor: string, name: string, about: string): string {
  return `<li><a href="#${anchor}">${escaped(name)}</a> <span class="dim">${escaped(about)}</span></li>\n`;
}

/** A name for each, which links keep as long as the struct does: structs of one name in several files get numbers. */
function anchorsOf(named: readonly (readonly [id: string, name: string])[]): Map<string, string> {
  const taken = new Set<string>();
  const anchors = new Map<string, string>();
  for (const [id, name] of named) {
    const plain = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
    let anchor = plain;
    for (let number = 2; taken.has(anchor); number += 1) anchor = `${plain}.${number}`;
    taken.add(anchor);
    anchors.set(id, anchor);
  }
  return anchors;
}

function section(picture: StructPicture, anchor: string, anchors: ReadonlyMap<string, string>): string {
  const { name, file, facts, docs, parts, summary, notes } = picture;
  const about = [file, ...facts].filter((text) => text !== "").join(", ");
  return `<section aria-labelledby="${anchor}">
<h2 id="${anchor}">${escaped(name)}</h2>
<p class="dim mono">${escaped(about)}</p>
${docs === "" ? "" : `<p class="docs">${escapedLines(docs)}</p>\n`}<div class="scroll">
${inlineSvg(picture, { id: anchor, links: true })}</div>
${notes.map((note) => `<p class="warn">${escaped(note)}</p>\n`).join("")}<div class="scroll"><table>
<thead><tr><th class="number">#</th><th>field</th><th>type</th><th class="number">offset</th><th class="number">size</th><th>about</th></tr></thead>
<tbody>
${parts.map((part, index) => row(part, partId(anchor, index), anchors)).join("")}</tbody></table></div>
${summary.map((text) => `<p class="dim mono">${escaped(text)}</p>\n`).join("")}</section>
`;
}

function row(part: Part, id: string, anchors: ReadonlyMap<string, string>): string {
  const { kind, number, name, type, offset, size, colour, about, struct, elements } = part;
  const start = `<tr id="${id}-row" data-f="${id}">`;
  if (number === 0) {
    return `${start}<td></td><td class="warn">${kind}</td><td></td><td class="number">${offset}</td><td class="number">${size}</td><td></td></tr>\n`;
  }
  const anchor = struct === undefined ? undefined : anchors.get(struct);
  const typed = anchor === undefined ? escaped(type) : `<a href="#${anchor}">${escaped(type)}</a>`;
  const bytes = kind === "tail" ? `${elements?.stride} each` : String(size);
  return `${start}<td class="number">${number}</td><td><span class="swatch c${colour}"></span><a href="#${id}">${escaped(name)}</a></td><td>${typed}</td><td class="number">${offset}</td><td class="number">${bytes}</td><td class="about">${about.map(escapedLines).join("\n")}</td></tr>\n`;
}
