/**
 * `npm run docs`: pages, the API of all public doors, and the site of both, in site/dist; then every link of what was built is
 * followed. Exit code 1 when one leads nowhere.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { deadLinksOfSite } from "./built-links.mjs";
import { root, staged, stagePages } from "./pages.mjs";

const site = join(root, "site");
const dist = join(site, "dist");
const require = createRequire(import.meta.url);
/** The program of a package, run in this folder. What it says is shown when it fails. */
function run(name, bin, ...args) {
  const program = join(dirname(require.resolve(`${name}/package.json`)), bin);
  execFileSync(process.execPath, [program, ...args], { cwd: site, stdio: ["ignore", "ignore", "inherit"] });
}
const seconds = () => `${(performance.now() / 1000).toFixed(1)} s`;

const pages = stagePages();
run("typedoc", "bin/typedoc", "--options", "typedoc.json", "--out", join(staged, "api"), "--logLevel", "Warn");
console.log(`${pages} pages and the API: ${seconds()}`);
run("vitepress", "bin/vitepress.js", "build", site);

const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
const { links, dead } = deadLinksOfSite(dist);
console.log(`site/dist: ${files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, ${links} links: ${seconds()}`);
for (const problem of dead) console.error(problem);
process.exitCode = dead.length === 0 ? 0 : 1;
