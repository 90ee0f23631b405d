/** Scripts that get a process of their own, because of what they do to it. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { expect } from "vitest";

const KIT = new URL("script-kit.mjs", import.meta.url).href;
const NAMES =
  "Counter, Worker, code, counterOf, descriptors, descriptorsThere, directory, fs, futexOf, isMainThread, locksOn, mapped, maps, tryExclusive, workerData";

/** Where waits without blocking are left to a thread, as on systems without rings. */
export const BY_THREAD = { UV_USE_IO_URING: "0" } as const;

/** How to run a script. */
export interface ScriptOptions {
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly timeoutMs?: number;
  /** Besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a script, which finds script-kit.mjs imported, however it ends. */
export function endOfScript(
  source: string,
  { flags = [], timeoutMs = 60_000, env = {} }: ScriptOptions = {},
): SpawnSyncReturns<string> {
  const script = `import { ${NAMES} } from ${JSON.stringify(KIT)};\n${source}`;
  const argv = [...flags, "--input-type=module", "-e", script];
  return spawnSync(process.execPath, argv, {
    encoding: "utf8",
    timeout: timeoutMs,
    env: { ...process.env, ...env },
  });
}

/** Runs a script that has to end well, and returns what it prints; a signal, an error or the timeout fails the test. */
export function runScript(source: string, options?: ScriptOptions): string {
  const { stdout, stderr, signal, status } = endOfScript(source, options);
  expect({ signal, status, stderr: status === 0 ? "" : stderr }).toEqual({ signal: null, status: 0, stderr: "" });
  return stdout.trim();
}
