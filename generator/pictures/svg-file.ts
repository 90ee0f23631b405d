/** Pictures as one SVG file, for a README: every struct with a legend, light and dark as the reader's system is. */
import { BANNER, escaped, escapedLines } from "./markup.js";
import type { Part, StructPicture } from "./picture.js";
import { drawing, partTitle, WIDTH } from "./svg.js";
import { pictureStyle } from "./style.js";

/** Rows of a legend; the picture shows more, and the page all. */
const LEGEND_MAX = 40;
const ROW_HEIGHT = 18;
const MARGIN = 16;

/** The text of the file. The same for the same pictures. */
export function svgFile(pictures: readonly StructPicture[]): string {
  let body = "";
  let y = MARGIN;
  for (const [index, picture] of pictures.entries()) {
    if (index > 0) y += 24;
    body += heading(picture, y + 14);
    const { markup, height } = drawing(picture, { id: `s${index}`, links: false }, y + 26);
    body += markup;
    y = height + 4;
    const rows = picture.parts.filter(({ number }) => number > 0);
    for (const part of rows.slice(0, LEGEND_MAX)) {
      body += legendRow(part, y);
      y += ROW_HEIGHT;
    }
    if (rows.length > LEGEND_MAX) {
      body += `<text class="dim" x="36" y="${y + 12}">and ${rows.length - LEGEND_MAX} more fields</text>\n`;
      y += ROW_HEIGHT;
    }
  }
  const height = y + MARGIN;
  const names = pictures.map(({ name }) => name).join(", ");
  return `${BANNER}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`Memory layout of ${names}`)}">
<title>${escaped(`Memory layout of ${names}`)}</title>
<style>${pictureStyle()}</style>
<rect class="background" width="${WIDTH}" height="${height}"/>
${body}</svg>
`;
}

function heading({ name, facts, size, file }: StructPicture, y: number): string {
  const about = [...facts, `${size} bytes`, file].join(", ");
  return `<text class="title" x="16" y="${y}">${escaped(name)}<tspan class="dim" dx="12" font-size="11" font-weight="normal">${escaped(about)}</tspan></text>\n`;
}

/** `■ 2  gear  atomic<Gear>  at 8, 1 byte` */
function legendRow(part: Part, y: number): string {
  const { number, name, type, colour, offset, size, kind, elements } = part;
  const where =
    kind === "tail"
      ? `from ${offset} on, ${elements?.stride} bytes each`
      : `at ${offset}, ${size} ${size === 1 ? "byte" : "bytes"}`;
  const cells = [
    [58, short(name, 34)],
    [310, short(type, 50)],
    [680, where],
  ] as const;
  const texts = cells.map(([x, text]) => `<text x="${x}" y="${y + 12}">${escaped(text)}</text>`).join("");
  return `<g class="c${colour} legend"><title>${escapedLines(partTitle(part))}</title><rect x="16" y="${y + 2}" width="12" height="12"/><text x="52" y="${y + 12}" text-anchor="end">${number}</text>${texts}</g>\n`;
}

function short(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
