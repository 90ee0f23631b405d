/** Whether two processes meet on a word of memory. */
import { release } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { eventWaitsObstacle } from "../../os/linux/event-waits.js";
import { waitAny, wake } from "../../os/linux/futex.js";
import { addressOf } from "../../os/posix/address-of.js";
import { type Finding, type Surroundings, refusalIn } from "../check.js";
import { WORD } from "./partner-job.js";
import { withPartner } from "./partner.js";
import { textOf } from "./scratch.js";

const ADD_MS = 300;
const TURN_MS = 5000;
const WAKE_MS = 3000;

export function futexAcross(surroundings: Surroundings): Promise<Finding<"futex">> {
  return withPartner(surroundings, "sleep", async ({ words, mapping, finish }) => {
    const address = mapping.range.address + WORD.sleep * 4;
    let woken = 0;
    try {
      // It says that it is at work a little before it sleeps.
      for (const end = performance.now() + WAKE_MS; woken === 0 && performance.now() < end; await sleep(2)) {
        woken = wake(address, 1);
      }
      Atomics.store(words, WORD.sleep, 1);
      wake(address, 1);
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
    if (woken === 0) return { is: "deaf", found: "nobody wakes" };
    const code = await finish();
    return code === 0 ? { is: "ok", found: "works" } : { is: "deaf", found: `the waiter ended with ${code}` };
  });
}

export function futexWaitv(): Finding<"futex-waitv"> {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const known = waitAny([{ address: addressOf(word.buffer), expected: 0 }], 0) !== undefined;
  return known ? { is: "ok", found: "works" } : { is: "missing", found: "the kernel lacks or forbids it" };
}

/** What waits without blocking are done by. @see io_uring_setup(2), kernel.io_uring_disabled in sysctl/kernel.rst */
export function asyncWaits(): Finding<"async-waits"> {
  const obstacle = eventWaitsObstacle();
  if (obstacle === undefined) return { is: "ok", found: "by io_uring" };
  if (obstacle === "variable") return { is: "variable", found: "by a thread: UV_USE_IO_URING=0" };
  if (obstacle === "engine") return { is: "engine", found: `by a thread: Bun ${process.versions["bun"]}` };
  const { errno } = obstacle;
  const disabled = textOf("/proc/sys/kernel/io_uring_disabled")?.trim() ?? "0";
  if (errno === "EPERM" && disabled !== "0") {
    return { is: "disabled", found: `by a thread: kernel.io_uring_disabled=${disabled}` };
  }
  if (isOlder(release(), [6, 7])) return { is: "old", found: `by a thread: Linux ${release()}, io_uring: ${errno}` };
  return { is: "refused", found: `by a thread: io_uring: ${errno}` };
}

/** Of a release such as `"6.1.0-18-amd64"`. */
function isOlder(text: string, [major, minor]: readonly [number, number]): boolean {
  const [own = 0, its = 0] = text.split(/[.-]/).map(Number);
  return own < major || (own === major && its < minor);
}

export function atomicsCanary(surroundings: Surroundings): Promise<Finding<"atomics-canary">> {
  return withPartner(surroundings, "add", async ({ words, finish }) => {
    let own = 0;
    const begin = performance.now();
    // On a machine that is busy the other one may not have had its turn yet.
    const isOver = (ms: number): boolean => ms > ADD_MS && (Atomics.load(words, WORD.added) > 0 || ms > TURN_MS);
    for (; !isOver(performance.now() - begin); own += 1000) {
      for (let round = 0; round < 1000; round += 1) Atomics.add(words, WORD.sum, 1);
    }
    Atomics.store(words, WORD.stop, 1);
    await finish();
    const other = Atomics.load(words, WORD.added);
    const sum = Atomics.load(words, WORD.sum);
    const found = `${own} + ${other} = ${sum}`;
    return { is: other > 0 && own + other === sum ? "ok" : "lost", found };
  });
}
