/** The three packages as npm would publish them. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** Packs them into `folder`: their tarballs by name. */
export function packPackages(folder: string): Readonly<Record<string, string>> {
  for (const directory of ["schema", "runtime", "generator"]) {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: join(root, directory) });
  }
  const files = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const find = (start: string): string => join(folder, files.find((file) => file.startsWith(`${start}-0`)) ?? start);
  return {
    "@shmgen/schema": find("shmgen-schema"),
    "@shmgen/runtime": find("shmgen-runtime"),
    shmgen: find("shmgen"),
  };
}
