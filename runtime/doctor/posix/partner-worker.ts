/** The second process: maps the file that it has inherited as descriptor 3, and does its job. See partner.ts. */
import { mapFile } from "../../os/posix/memory.js";
import { wait } from "../../os/waiting.js";
import { JOB, PARTNER_SIZE, WORD } from "./partner-job.js";

const { buffer, range } = mapFile({
  fd: 3,
  size: PARTNER_SIZE,
  access: "read-write",
  kind: "auto",
  path: "descriptor 3",
});
const words = new Int32Array(buffer, 0, JOB.words);
const [, , job, starter] = process.argv;
const parent = Number(starter);
process.exitCode = job === "add" ? add() : sleep();

function add(): number {
  let added = 0;
  const end = performance.now() + JOB.addMs;
  Atomics.store(words, WORD.ready, 1);
  // Whoever has started us may be killed, and then nobody says stop.
  while (Atomics.load(words, WORD.stop) === 0 && process.ppid === parent && performance.now() < end) {
    for (let round = 0; round < 1000; round += 1) Atomics.add(words, WORD.sum, 1);
    Atomics.store(words, WORD.added, (added += 1000));
  }
  return 0;
}

/** 0 when somebody has woken it, 1 when nobody has. */
function sleep(): number {
  const address = range.address + WORD.sleep * 4;
  const end = performance.now() + JOB.sleepMs;
  let woken = 0;
  Atomics.store(words, WORD.ready, 1);
  while (Atomics.load(words, WORD.sleep) === 0 && performance.now() < end) {
    if (wait({ address, expected: 0 }, end - performance.now()) === "ok") woken += 1;
  }
  return woken > 0 ? 0 : 1;
}
