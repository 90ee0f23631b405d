/** A second process for the checks that need one. It has the same file mapped, and one job. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Mapping } from "../../os/contract.js";
import { mapFile } from "../../os/posix/memory.js";
import type { Surroundings } from "../check.js";
import { JOB, PARTNER_SIZE, type PartnerJob, WORD } from "./partner-job.js";
import { letGo, withScratch } from "./scratch.js";

const START_MS = 10_000;

/** The shared memory, and how the partner ends. */
export interface Partner {
  readonly words: Int32Array;
  readonly mapping: Mapping;
  /** Its exit code; null after a signal. */
  finish(): Promise<number | null>;
}

/** Starts a partner, waits until it is at work, and ends it whatever happens. */
export function withPartner<T>(
  surroundings: Surroundings,
  job: PartnerJob,
  work: (partner: Partner) => Promise<T>,
): Promise<T> {
  return withScratch(surroundings, PARTNER_SIZE, async ({ fd, path }) => {
    const mapping = mapFile({ fd, size: PARTNER_SIZE, access: "read-write", kind: "auto", path });
    const program = fileURLToPath(new URL("./partner-worker.js", import.meta.url));
    const child = spawn(process.execPath, [program, job, String(process.pid)], {
      stdio: ["ignore", "ignore", "pipe", fd],
      env: nodeEnvironment(),
    });
    const ended = once(child, "close").then(([code]: (number | null)[]) => code ?? null);
    let complaint = "";
    child.stderr?.on("data", (data: Buffer) => (complaint += data.toString()));
    try {
      const words = new Int32Array(mapping.buffer, 0, JOB.words);
      await atWork(words, child, () => complaint);
      return await work({ words, mapping, finish: () => ended });
    } finally {
      child.kill("SIGKILL");
      await ended;
      letGo(mapping);
    }
  });
}

async function atWork(words: Int32Array, child: ChildProcess, complaint: () => string): Promise<void> {
  for (const end = performance.now() + START_MS; Atomics.load(words, WORD.ready) === 0; await sleep(2)) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > end) {
      const how = child.exitCode ?? child.signalCode ?? `still not at work after ${START_MS} ms`;
      throw new Error(`a second process did not begin: ${how}. ${complaint().trim()}`.trim());
    }
  }
}

/** Electron's program is Node only when it is told so. */
export function nodeEnvironment(): NodeJS.ProcessEnv {
  const electron = process.versions["electron"] !== undefined;
  return electron ? { ...process.env, ELECTRON_RUN_AS_NODE: "1" } : process.env;
}
