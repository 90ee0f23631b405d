/**
 * `npm run packages`: what `npm pack` would publish is complete, typed, small and free of surprises.
 * Packs the three packages into a temporary folder and looks at the tarballs with publint, attw and knip.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "shmgen-packages-"));
const problems = [];

/** Bytes unpacked that a package may have. The runtime's figure is a promise to its users. */
/** Of the runtime a third is the build for browsers, and an eighth what Windows and macOS have in the place of Linux. */
const SIZE_MAX = { "@shmgen/runtime": 1_640_000, "@shmgen/schema": 315_000, shmgen: 1_790_000 };
/**
 * How each is asked whether its types are right. What programs import has to be so for `require` and for node10, too; what only shmgen
 * and other tools import is for ES modules.
 */
const ATTW = {
  "@shmgen/runtime": [[]],
  "@shmgen/schema": [
    ["--entrypoints", "."],
    ["--exclude-entrypoints", ".", "--profile", "esm-only"],
  ],
  shmgen: [["--profile", "esm-only"]],
};
const DEPENDENCIES = {
  "@shmgen/schema": [],
  "@shmgen/runtime": ["koffi"],
  shmgen: ["@shmgen/runtime", "@shmgen/schema", "@ts-morph/common", "fflate", "handlebars", "ts-morph", "zod"],
};

try {
  for (const directory of ["schema", "runtime", "generator"]) {
    const manifest = JSON.parse(readFileSync(join(root, directory, "package.json"), "utf8"));
    const { name } = manifest;
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder], {
        cwd: join(root, directory),
        encoding: "utf8",
      }),
    );
    const tarball = join(folder, packed.filename);
    console.log(`${name}: ${packed.files.length} files, ${packed.unpackedSize} bytes unpacked, ${packed.size} packed`);
    if (packed.unpackedSize > SIZE_MAX[name]) {
      problems.push(`${name}: ${packed.unpackedSize} bytes unpacked, allowed are ${SIZE_MAX[name]}`);
    }
    const paths = new Set(packed.files.map((file) => file.path));
    for (const needed of ["LICENSE", "README.md", "package.json"]) {
      if (!paths.has(needed)) problems.push(`${name}: ${needed} is not in the package`);
    }
    for (const script of ["preinstall", "install", "postinstall", "prepare"]) {
      if (manifest.scripts?.[script] !== undefined) problems.push(`${name}: has an install script, ${script}`);
    }
    const unknown = Object.keys(manifest.dependencies ?? {}).filter(
      (dependency) => !DEPENDENCIES[name].includes(dependency),
    );
    if (unknown.length > 0) problems.push(`${name}: depends on ${unknown.join(", ")}, which is not agreed upon`);

    const { messages } = await publint({ pkgDir: join(root, directory), strict: true });
    problems.push(...messages.map((message) => `${name}: publint: ${formatMessage(message, manifest)}`));
    for (const flags of ATTW[name]) {
      try {
        execFileSync("npx", ["--no-install", "attw", tarball, "--format", "ascii", ...flags], {
          cwd: root,
          encoding: "utf8",
          stdio: "pipe",
        });
      } catch (error) {
        problems.push(`${name}: are the types wrong?\n${error.stdout}${error.stderr}`);
      }
    }
  }
  try {
    execFileSync("npx", ["--no-install", "knip"], { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    problems.push(`knip:\n${error.stdout}${error.stderr}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "packages: no problems" : `packages: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
