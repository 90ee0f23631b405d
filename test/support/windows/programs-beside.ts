/** Programs of Windows, in C, for tests that run there: node.sh has compiled them where that is wine; on Windows itself gcc of MinGW does. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const SOURCES = { game: "examples/foreign/game.c", "mapping-owner": "test/support/c/mapping-owner.c" } as const;
const tools = process.env["SHMGEN_WINDOWS_TOOLS"];
const folder = tools === undefined ? mkdtempSync(join(tmpdir(), "shmgen-programs-")) : join(tools, "programs");

/** Where a program is. */
export function programOf(name: keyof typeof SOURCES): string {
  return join(folder, `${name}.exe`);
}

/** Why tests with programs of Windows are skipped; undefined when they can run. */
export const withoutPrograms: string | undefined = whyNot();

function whyNot(): string | undefined {
  if (process.platform !== "win32") return "they are for Windows: test/support/windows/node.sh runs them under wine";
  for (const [name, source] of Object.entries(SOURCES)) {
    const program = programOf(name as keyof typeof SOURCES);
    if (existsSync(program)) continue;
    if (spawnSync("gcc", ["-std=gnu11", "-O2", "-o", program, join(root, source)]).status !== 0) {
      return "there is no gcc of MinGW; on Debian: apt-get install gcc-mingw-w64-x86-64";
    }
  }
  return undefined;
}

if (withoutPrograms !== undefined) console.warn(`tests with programs of Windows are skipped: ${withoutPrograms}`);
