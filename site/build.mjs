/**
 * `npm run docs`: pages, the API of all public doors, and the site of both, in site/dist; then every link of what was built is
 * followed. Exit code 1 when one leads nowhere.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deadLinksOfSite } from "./built-links.mjs";
import { anchorsIn, root, staged, stagePages } from "./pages.mjs";

const site = join(root, "site");
const dist = join(site, "dist");
/** The program of a package, run in this folder. What it says is shown when it fails. */
function run(name, bin, ...args) {
  const program = join(site, "node_modules", name, bin);
  execFileSync(process.execPath, [program, ...args], { cwd: site, stdio: ["ignore", "ignore", "inherit"] });
}
const seconds = () => `${(performance.now() / 1000).toFixed(1)} s`;

/** One page for each public door, of the declarations that ship. */
function stageApi() {
  const made = join(staged, "typedoc");
  run("typedoc", "bin/typedoc", "--options", "typedoc.json", "--out", made, "--logLevel", "Warn");
  mkdirSync(join(staged, "api"), { recursive: true });
  for (const [from, to, title] of [
    ["runtime/lib.md", "runtime", "@shmgen/runtime"],
    ["schema/dist.md", "schema", "@shmgen/schema"],
    ["generator/dist.md", "generator", "shmgen, as a library"],
  ]) {
    const text = readFileSync(join(made, from), "utf8").replace(/^# .*$/m, `# ${title}`);
    // The plug-in counts a type that is shown once twice where it is exported under two names.
    const ids = new Set([...anchorsIn(text), ...[...text.matchAll(/<a id="([^"]*)">/g)].map(([, id]) => id)]);
    const links = /\(#([\w-]+)-1\)/g;
    const linked = text.replaceAll(links, (link, id) => (ids.has(`${id}-1`) || !ids.has(id) ? link : `(#${id})`));
    writeFileSync(join(staged, `api/${to}.md`), linked);
  }
  rmSync(made, { recursive: true });
}

const pages = stagePages();
stageApi();
console.log(`${pages} pages and the API: ${seconds()}`);
run("vitepress", "bin/vitepress.js", "build", site);

const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
const { links, dead } = deadLinksOfSite(dist);
console.log(`site/dist: ${files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, ${links} links: ${seconds()}`);
for (const problem of dead) console.error(problem);
process.exitCode = dead.length === 0 ? 0 : 1;
