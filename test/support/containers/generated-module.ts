/** A module of a schema, generated into a folder of its own, which other processes can import as well. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";
import { MANIFEST, put, shmgen } from "../../cli/run-cli.js";

// Registered while the file is read: of a hook that is registered in a test nobody hears.
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** For one test file; the URL of the module. With the target "c" its header lies beside it. */
export function generateModule(name: string, schema: string, targets = "js"): string {
  const folder = mkdtempSync(join(tmpdir(), `shmgen-${name}-`));
  folders.push(folder);
  put(folder, { [`${name}.shm.ts`]: schema, "package.json": MANIFEST });
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  const { code, err } = shmgen(["generate", "-t", targets, "-q"], { cwd: folder });
  if (code !== 0) throw new Error(err);
  return pathToFileURL(join(folder, `generated/${name}.js`)).href;
}
