/** What waits are done by, besides futexes. */
import { release } from "node:os";
import { eventWaitsObstacle } from "../../os/linux/event-waits.js";
import { waitAny } from "../../os/linux/futex.js";
import { addressOf } from "../../os/posix/address-of.js";
import type { Finding } from "../check.js";
import { textOf } from "./texts.js";

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
