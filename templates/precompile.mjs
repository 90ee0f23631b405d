// Turns templates/**/*.hbs into generator/dist/emit/precompiled.js, so that the handlebars compiler is not needed (and not
// reachable) where shmgen runs. `templates/<target>/<name>.hbs` and `templates/<target>/partials/<name>.hbs` are both
// called `<target>/<name>`; `templates/partials/<name>.hbs` is called `<name>`.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILE_OPTIONS } from "../generator/dist/emit/common/helpers.js";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "../generator/dist/emit/precompiled.js");
const handlebars = createRequire(join(here, "../generator/package.json"))("handlebars");

const templates = readdirSync(here, { recursive: true })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".hbs"))
  .map((path) => [path.replace(/\.hbs$/, "").replace(/(^|\/)partials\//, "$1"), path])
  .sort(([a], [b]) => (a < b ? -1 : 1));

const parts = templates.map(([name, path]) => {
  const text = readFileSync(join(here, path), "utf8");
  try {
    return `  ${JSON.stringify(name)}: ${handlebars.precompile(text, { ...COMPILE_OPTIONS, srcName: undefined })},\n`;
  } catch (error) {
    throw new Error(`templates/${path}: ${error.message}`, { cause: error });
  }
});
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `export const precompiled = {\n${parts.join("")}};\n`);
