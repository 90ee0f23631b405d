/** The live page of a region: its values as they were when the page was asked for, which the script keeps up to date. */
import type { LiveRow } from "./live.js";
import { LIVE_SCRIPT } from "./live-script.js";
import { escaped, pageOf } from "./markup.js";
import { pageStyle } from "./style.js";

const STYLE = `
.path,.type,.value{white-space:pre-wrap;overflow-wrap:anywhere}
table{table-layout:fixed;width:100%;min-width:56rem}
th.path{width:20%}th.type{width:18%}th.number{width:5rem}th.spark{width:16rem}td.number{padding-right:.8rem}
.spark svg{display:block;width:15rem;height:1.3rem}
.spark polyline{fill:none;stroke:var(--link);stroke-width:1.5;vector-effect:non-scaling-stroke}
.bar{position:sticky;top:0;background:var(--page);padding:.5rem 0;display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap}
input{font:inherit;color:inherit;background:var(--page);border:1px solid var(--rule);padding:.2rem .5rem;border-radius:4px}
input:focus-visible{outline:3px solid var(--link)}
`;

/** The text of the page. `name` is the region's, as the user wrote it; `about` says which layout it has. */
export function livePage(name: string, about: string, rows: readonly LiveRow[]): string {
  return pageOf({
    title: `${name} - shmgen watch`,
    style: pageStyle() + STYLE,
    script: LIVE_SCRIPT,
    connect: "'self'",
    body: `<header><h1>${escaped(name)}</h1>
<p class="dim mono" id="about">${escaped(about)}</p></header>
<main>
<div class="bar"><label>Fields with <input id="filter" type="search" autocomplete="off" spellcheck="false"></label>
<span id="status" class="dim" role="status">as of when the page was loaded</span>
<strong id="notice" class="warn" role="alert"></strong></div>
<noscript><p>Without JavaScript the values stay as they are: load the page again.</p></noscript>
<div class="scroll"><table>
<thead><tr><th class="path">field</th><th class="type">type</th><th class="number">offset</th><th>value</th><th class="spark">last values</th></tr></thead>
<tbody>
${rows.map(row).join("")}</tbody></table></div>
</main>
`,
  });
}

function row({ path, type, offset, text }: LiveRow): string {
  return `<tr><td class="path">${escaped(path)}</td><td class="type dim">${escaped(type)}</td><td class="number dim">${offset}</td><td class="value">${escaped(text)}</td><td></td></tr>\n`;
}
