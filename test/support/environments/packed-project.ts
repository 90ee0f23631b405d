/** A package of a user's in a temporary folder, with the runtime and the vocabulary as `npm pack` packs them. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const PACKED = ["schema", "runtime"];
/** What they depend on, and what programs in TypeScript need; links to the workspace's own. */
const LINKED = ["koffi", "@types/node", "typescript"];

export interface PackedProject {
  readonly path: string;
  /** Writes files by their paths. */
  write(files: Readonly<Record<string, string>>): void;
  read(file: string): string;
  /** `shmgen` in this package. */
  shmgen(...args: string[]): string;
  /** What a program prints on stdout. Throws with everything that it has printed when it fails. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): string;
}

/** Makes packages of this `type`; all are removed when the tests of the file have ended. */
export function packedProjects(): (type: "module" | "commonjs" | undefined) => PackedProject {
  const folder = mkdtempSync("/dev/shm/shmgen-packed-");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const packages = join(folder, "packages");
  for (const name of PACKED) unpack(name, packages);
  let count = 0;
  return (type) => {
    const path = join(folder, `project-${(count += 1)}`);
    mkdirSync(join(path, "node_modules/@types"), { recursive: true });
    mkdirSync(join(path, "regions"), { mode: 0o700 });
    symlinkSync(join(packages, "@shmgen"), join(path, "node_modules/@shmgen"));
    for (const name of LINKED) symlinkSync(join(root, "node_modules", name), join(path, "node_modules", name));
    const project = projectIn(path);
    project.write({
      "package.json": JSON.stringify({ name: "user", private: true, ...(type && { type }) }, undefined, 2),
    });
    return project;
  };
}

function unpack(name: string, packages: string): void {
  const target = join(packages, "@shmgen", name);
  mkdirSync(join(packages, "tarballs"), { recursive: true });
  mkdirSync(dirname(target), { recursive: true });
  const before = new Set(readdirSync(join(packages, "tarballs")));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", join(packages, "tarballs")], {
    cwd: join(root, name),
    stdio: "pipe",
  });
  const made = readdirSync(join(packages, "tarballs")).find((file) => !before.has(file));
  if (made === undefined) throw new Error(`npm pack made nothing of ${name}`);
  execFileSync("tar", ["xzf", join(packages, "tarballs", made), "-C", packages]);
  renameSync(join(packages, "package"), target);
  // The real folder is outside of any project, and Node looks for koffi beside it.
  const linked = join(packages, "@shmgen", name, "node_modules");
  mkdirSync(linked);
  symlinkSync(join(root, "node_modules/koffi"), join(linked, "koffi"));
}

function projectIn(path: string): PackedProject {
  const run: PackedProject["run"] = (program, args, env = {}) => {
    const { stdout, stderr, status, signal } = spawnSync(program, args, {
      cwd: path,
      encoding: "utf8",
      timeout: 300_000,
      env: { ...process.env, SHMGEN_DIR: join(path, "regions"), NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
    });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status ?? signal}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    path,
    run,
    write: (files) => {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, file)), { recursive: true });
        writeFileSync(join(path, file), text);
      }
    },
    read: (file) => readFileSync(join(path, file), "utf8"),
    shmgen: (...args) => run(process.execPath, [join(root, "generator/bin.js"), ...args]),
  };
}
