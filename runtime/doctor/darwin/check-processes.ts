/** Sleeping on words, and what the system says of processes and threads. */
import * as fs from "node:fs";
import { waitCalls } from "../../os/darwin/libc.js";
import {
  commandOf,
  fileKey,
  lockedDescriptors,
  mayRun,
  ownSession,
  ownStamp,
  startTimeOf,
  threadStamp,
} from "../../os/darwin/processes.js";
import { wait } from "../../os/darwin/waits.js";
import { mapFile } from "../../os/posix/memory.js";
import { type Found, type Surroundings, refusalIn } from "../check.js";
import { letGo, withScratch } from "../posix/scratch.js";

const SIZE = 4096;
const SHORT_MS = 20;
/** Of a sleep that ends at once, whatever it is told. */
const LONG_MS = 10_000;
/** Sleeps may end for nothing, but not always. */
const SLEEPS_MAX = 10;
/** Node and the system need not agree to the millisecond about when a process began. */
const START_MS = 60_000;

type WaitFault = "missing" | "refused" | "blind" | "early";

export function waits(surroundings: Surroundings): Found<WaitFault> {
  const calls = waitCalls();
  if (calls === undefined) return { is: "missing", found: "neither is in the library" };
  return withScratch(surroundings, SIZE, ({ fd, path }): Found<WaitFault> => {
    const mapping = mapFile({ fd, size: SIZE, access: "read-write", kind: "auto", path });
    try {
      return sleepsOn(mapping.range.address, calls.name);
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    } finally {
      letGo(mapping);
    }
  });
}

/** On a word that is 0. */
function sleepsOn(address: number, name: string): Found<"blind" | "early"> {
  const changed = wait({ address, expected: 1 }, LONG_MS);
  if (changed !== "not-equal") return { is: "blind", found: `a wait for a word that has changed: ${changed}` };
  let found = "";
  for (let sleep = 0; sleep < SLEEPS_MAX; sleep += 1) {
    const begin = performance.now();
    const end = wait({ address, expected: 0 }, SHORT_MS);
    const ms = (performance.now() - begin).toFixed(1);
    found = `${name}: ${SHORT_MS} ms took ${ms} ms, ${end}`;
    if (end === "timed-out") return { is: Number(ms) < SHORT_MS / 2 ? "early" : "ok", found };
  }
  return { is: "early", found };
}

type ProcessFault = "noStart" | "otherStart" | "noBoot" | "noThread" | "unseen";

export function processes(surroundings: Surroundings): Found<ProcessFault> {
  const { pid } = process;
  const start = startTimeOf(pid);
  if (start === undefined) return { is: "noStart", found: "it does not" };
  const nodeMs = Date.now() - process.uptime() * 1000;
  const startMs = Number(start / 1000n);
  if (!(Math.abs(startMs - nodeMs) < START_MS)) {
    return { is: "otherStart", found: `${startMs} ms since 1970, by Node ${Math.round(nodeMs)} ms` };
  }
  if (ownStamp().bootId === 0n) return { is: "noBoot", found: "none" };
  const thread = threadStamp();
  if (thread === undefined || !mayRun(thread)) return { is: "noThread", found: `thread ${thread ?? "unknown"}` };
  return withScratch(surroundings, 0, ({ fd }): Found<ProcessFault> => {
    const key = fileKey(fs.fstatSync(fd));
    const isListed = lockedDescriptors(new Set([key]), [{ pid }]).holders.has(key);
    if (!isListed) return { is: "unseen", found: "it is not" };
    const session = ownSession(surroundings.directory);
    return { is: "ok", found: `${commandOf(pid)}, thread ${thread}, session ${session}, began as Node says` };
  });
}
