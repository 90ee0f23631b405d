/** A module of a schema, generated into a folder of its own, which other processes can import as well. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";
import { IS_WINDOWS } from "../run/system.js";
import { MANIFEST, put, shmgen } from "../../cli/run-cli.js";

// Registered while the file is read: of a hook that is registered in a test nobody hears.
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** For one test file; the URL of the module. With the target "c" its header lies beside it. */
export function generateModule(name: string, schema: string, targets = "js"): string {
  // On Windows links need a right that few have: there the folder lies in the checkout, whose packages Node finds from it.
  const folder = mkdtempSync(join(IS_WINDOWS ? import.meta.dirname : tmpdir(), `shmgen-${name}-`));
  folders.push(folder);
  // Without a configuration of its own the checkout's would be found.
  put(folder, { [`${name}.shm.ts`]: schema, "package.json": MANIFEST, "shmgen.config.json": "{}" });
  if (!IS_WINDOWS) symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  const { code, err } = shmgen(["generate", "-t", targets, "-q"], { cwd: folder });
  if (code !== 0) throw new Error(err);
  return pathToFileURL(join(folder, `generated/${name}.js`)).href;
}
