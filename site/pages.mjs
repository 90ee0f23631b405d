/**
 * The pages of the site: Markdown of this repository as it stands, each under an address of its own.
 *
 *   README.md, docs/*.md, examples/* /README.md, ... -> site/.pages/<address>.md, links rewritten -> VitePress -> site/dist
 *
 * What is read here reads as well where the repository is browsed: links are relative, and anchors are made as there.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

export const root = join(import.meta.dirname, "..");
export const staged = join(import.meta.dirname, ".pages");

/** The menu, in its order. A page of docs/ or examples/ that stands in no group comes last, so that none is left out. */
const GROUPS = [
  ["Start", ["README.md", "docs/tour.md", "docs/examples.md"]],
  [
    "Guide",
    [
      "docs/language.md",
      "docs/accessors.md",
      "docs/regions.md",
      "docs/lifecycle.md",
      "docs/local.md",
      "docs/containers.md",
      "docs/EVOLUTION.md",
      "docs/workers.md",
      "docs/peers.md",
      "docs/foreign.md",
    ],
  ],
  ["Tools", ["docs/tools.md", "docs/cli.md", "docs/import.md", "docs/config.md", "docs/pictures.md"]],
  [
    "Production",
    [
      "docs/performance.md",
      "docs/deployment.md",
      "docs/environments.md",
      "docs/SECURITY.md",
      "docs/troubleshooting.md",
    ],
  ],
  ["Reference", ["docs/messages.md", "docs/PROTOCOL.md"]],
  ["The project", ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]],
];

/** Whether a target is a file beside the pages of docs/, such as a picture, which is served as it is. */
const isFile = (target) =>
  posix.dirname(target) === "docs" && !target.endsWith(".md") && existsSync(join(root, target));

/** The address of a source: `docs/EVOLUTION.md` is `evolution`. */
function addressOf(source) {
  if (source === "README.md") return "start";
  return source
    .replace(/^docs\//, "")
    .replace(/\/README\.md$|\.md$/, "")
    .toLowerCase();
}

const examples = () =>
  readdirSync(join(root, "examples"))
    .map((name) => `examples/${name}/README.md`)
    .filter((source) => existsSync(join(root, source)));

/** Groups of pages that there are: `[title, [{ source, address, title }]]`. */
export function menu() {
  const listed = new Set(GROUPS.flatMap(([, sources]) => sources));
  const others = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .filter((source) => !listed.has(source));
  return [...GROUPS, ["Examples", examples()], ["More", others]]
    .map(([title, sources]) => [title, sources.filter((source) => existsSync(join(root, source))).map(pageOf)])
    .filter(([, pages]) => pages.length > 0);
}

function pageOf(source) {
  const [, heading = source] = /^# (.*)$/m.exec(readFileSync(join(root, source), "utf8")) ?? [];
  return { source, address: addressOf(source), title: source === "README.md" ? "Five minutes" : heading.split(":")[0] };
}

/** An anchor as it is made where repositories are browsed. */
export function anchorOf(heading) {
  return heading
    .replaceAll(/`|\*\*|&lt;|&gt;|\[|\]\([^)]*\)/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}

/** Lines of a page that are no code, with their numbers. */
function* prose(text) {
  let fence = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*```/.test(line)) fence = !fence;
    else if (!fence) yield [index, line];
  }
}

/** The anchors that a page has. */
export function anchorsIn(text) {
  const seen = new Map();
  const anchors = new Set();
  for (const [, line] of prose(text)) {
    const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const anchor = anchorOf(heading);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}

const LINK = /(?<=\]\()([^)\s]+)(?=\))/g;

/** Links of a page to others of this repository: `{ line, link, target, anchor }`, the target as a path from the root. */
export function linksIn(source, text) {
  const links = [];
  for (const [index, line] of prose(text)) {
    // What stands between backticks is no link.
    for (const [link] of line.replaceAll(/`[^`]*`/g, (code) => "`".repeat(code.length)).matchAll(LINK)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path === "" ? source : posix.join(posix.dirname(source), path);
      links.push({ line: index + 1, link, target, anchor });
    }
  }
  return links;
}

/** What is wrong with the links of a page: `"docs/tour.md:7: ../x.md: there is no such file"`. */
export function deadLinks(source) {
  const text = readFileSync(join(root, source), "utf8");
  return linksIn(source, text).flatMap(({ line, link, target, anchor }) => {
    const path = join(root, target);
    if (!existsSync(path) || statSync(path).isDirectory()) return [`${source}:${line}: ${link}: there is no such file`];
    if (anchor === undefined || anchorsIn(readFileSync(path, "utf8")).has(anchor)) return [];
    return [`${source}:${line}: ${link}: there is no such heading`];
  });
}

/** A page with the addresses of the site in its links. */
function rewritten(source, pages) {
  const text = readFileSync(join(root, source), "utf8");
  const lines = text.split("\n");
  for (const { line, link, target, anchor } of linksIn(source, text)) {
    const page = pages.get(target);
    const file = isFile(target) ? posix.basename(target) : undefined;
    if (page === undefined && file === undefined)
      throw new Error(`${source}:${line}: ${link} leads to no page of the site`);
    const address = `/${page ?? file}${anchor === undefined ? "" : `#${anchor}`}`;
    lines[line - 1] = lines[line - 1].replaceAll(`](${link})`, `](${address})`);
  }
  for (const [index, line] of prose(lines.join("\n"))) lines[index] = escaped(line);
  return lines.join("\n");
}

/** Types such as array<T, N> are no elements, and braces no expressions of Vue; comments mark what tests write. */
function escaped(line) {
  if (/^<!--.*-->$/.test(line)) return "";
  const parts = line.split(/(`[^`]*`)/);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;")))
    .join("");
}

/** Copies all pages to where VitePress looks for them. */
export function stagePages() {
  rmSync(staged, { recursive: true, force: true });
  const all = menu().flatMap(([, pages]) => pages);
  const addresses = new Map(all.map(({ source, address }) => [source, address]));
  for (const { source, address } of all) {
    const path = join(staged, `${address}.md`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, rewritten(source, addresses));
  }
  mkdirSync(join(staged, "public"), { recursive: true });
  for (const name of readdirSync(join(root, "docs")).filter((one) => isFile(`docs/${one}`)))
    cpSync(join(root, "docs", name), join(staged, "public", name));
  cpSync(join(import.meta.dirname, "home.md"), join(staged, "index.md"));
  return all.length;
}
