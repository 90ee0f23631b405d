/** The style of pictures and pages, made of the palette. */
import { DARK, LIGHT, type Scheme } from "./palette.js";

const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace';

/** Of everything in a picture. Plain properties, since not every program that shows SVG knows variables. */
export function pictureStyle(): string {
  return `${pictureShapes()}${pictureColours(LIGHT)}@media (prefers-color-scheme:dark){${pictureColours(DARK)}}\n`;
}

function pictureShapes(): string {
  return `
text{font:11px ${MONO}}
.title{font-size:14px;font-weight:bold}
.lower{font-size:10px}
.ruler text,.fold,.offset{font-size:10px}
.offset{text-anchor:end}
.element{stroke-width:1;fill:none}
.ticks{stroke-width:4;stroke-dasharray:1 13;fill:none}
.ticks.wide{stroke-dasharray:1 27}
.hole>rect{fill:none;stroke-dasharray:3 3}
.gone>rect{stroke-dasharray:6 3}
.new>rect,.gone>rect,.changed>rect{stroke-width:3}
.shared text{font-size:16px;font-weight:bold}
`;
}

function pictureColours(scheme: Scheme): string {
  const { page, ink, dim, rule, warn, good, fieldInk, fields } = scheme;
  const boxes = fields.map(
    (colour, index) => `.c${index}>rect{fill:${colour};stroke:${page}}.c${index}>text{fill:${fieldInk}}`,
  );
  return `text{fill:${ink}}.ruler text,.fold,.offset,.dim,.hole>text{fill:${dim}}${boxes.join("")}.legend>text{fill:${ink}}
.element{stroke:${page}}.ticks{stroke:${rule}}.hole>rect{stroke:${rule}}.background{fill:${page}}
.new>rect{stroke:${good}}.gone>rect,.changed>rect{stroke:${warn}}.shared>rect,.shared>text,.warn{fill:${warn}}
`;
}

/** Of a page: what is around pictures, and the live table. */
export function pageStyle(): string {
  return `
:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem 1.5rem 4rem;max-width:72rem;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin:2.5rem 0 .25rem;border-top:1px solid var(--rule);padding-top:1rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
a{color:var(--link)}
nav ul{columns:14rem;padding-left:1.2rem}
p{margin:.3rem 0;max-width:60rem}
code,td,th,.mono{font-family:${MONO};font-size:13px}
.docs{white-space:pre-line}
.dim{color:var(--dim)}.warn{color:var(--warn)}.good{color:var(--good)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.5rem 0 1rem}
th{text-align:left;color:var(--dim);font-weight:normal;border-bottom:1px solid var(--rule)}
td,th{padding:.15rem .8rem .15rem 0;vertical-align:top}
td.number,th.number{text-align:right}
td.about{font-family:inherit;white-space:pre-line;max-width:28rem;overflow-wrap:anywhere}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.5em}
.picture{display:block;min-width:44rem;width:100%;height:auto}
.picture a:focus-visible{outline:none}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem}h4{margin:.8rem 0 .2rem}
@media (max-width:60rem){.sides{grid-template-columns:1fr}}
tr:target>td,tr.on>td{background:var(--mark)}
.picture .on>rect,.picture a:target>rect,.picture a:hover>rect{stroke:var(--ink);stroke-width:3}
.picture a:focus-visible>rect{stroke:var(--link);stroke-width:7}
ul.changes{padding-left:1.2rem}
${LIGHT.fields.map((_, index) => `.swatch.c${index}{background:var(--c${index})}`).join("")}
`;
}

function variables({ page, ink, dim, rule, warn, good, link, mark, fields }: Scheme): string {
  const named = { page, ink, dim, rule, warn, good, link, mark };
  const all = [...Object.entries(named), ...fields.map((colour, index) => [`c${index}`, colour] as const)];
  return all.map(([name, colour]) => `--${name}:${colour}`).join(";");
}
