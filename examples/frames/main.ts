/**
 * Zero copy: `node main.js [FRAMES]`. A camera fills frames of 1 MiB in place and sends 8 bytes for each, the handle; a viewer takes the
 * frame by its handle, looks at it in place, and gives it back. Both are killed with SIGKILL a few times: what they had comes back to the pool.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Camera } from "./generated/frames.js";

const most = Number(process.argv[2] ?? 3000);
const KILLS = 4;
using region = Camera.createUnique("camera");
const { data } = region;

const running = new Set<ChildProcess>();
try {
  const begun = performance.now();
  const viewer = keep("viewer.js");
  await keep("camera.js");
  data.isOver = 1;
  await viewer;
  const seconds = (performance.now() - begun) / 1000;
  // Frames of the dead are found by whoever needs one.
  const slots = [];
  for (let slot = data.frames.alloc(); slot !== undefined; slot = data.frames.alloc()) slots.push(slot);
  const back = slots.length;
  for (const slot of slots) slot.free();
  console.log(
    `${data.seen} frames of 1 MiB were seen, ${Math.round(data.seen / seconds)} a second; ${data.broken} were not whole`,
  );
  console.log(`${data.stale} handles were stale, of frames whose owner was killed`);
  console.log(
    `${2 * KILLS} processes were killed; ${back} of ${data.frames.capacity} frames are back, ${data.frames.lent} are lent`,
  );
  process.exitCode = data.broken === 0 && back === data.frames.capacity ? 0 : 1;
} finally {
  for (const child of running) child.kill("SIGKILL");
}

/** Runs a program to its end; kills it a few times before, and starts it again. */
async function keep(program: string): Promise<void> {
  for (let kills = 0; ; kills += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, program), region.name, String(most)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.add(child);
    const ended = once(child, "exit");
    if (kills < KILLS) {
      // Not before it is at work.
      await once(child.stdout, "data");
      await sleep(Math.random() * 100);
      child.kill("SIGKILL");
    }
    const [code, signal] = (await ended) as [number | null, string | null];
    running.delete(child);
    if (signal === "SIGKILL") continue;
    if (code === 0) return;
    throw new Error(`${program} ended with ${String(code)}`);
  }
}
