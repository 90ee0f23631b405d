/** The marks of a script whose system calls strace.ts counts, kills at and makes fail. */
import { existsSync, writeSync } from "node:fs";
import koffi from "koffi";

const PR_SET_PTRACER = 0x59616d61;

/**
 * Waits until it is traced; all that follows is counted from here. What Node does before, in more or fewer calls each time,
 * is not. Returns at once where nobody traces.
 */
export function begin() {
  const gate = process.env.SHMGEN_TEST_GATE;
  if (gate !== undefined) {
    // Where Yama lets only ancestors trace (PR_SET_PTRACER(2const)); elsewhere the kernel does not know it.
    koffi.load(null).func("int prctl(int, ulong, long, ulong, ulong)")(PR_SET_PTRACER, -1, 0, 0, 0);
    writeSync(1, "ready\n");
    const never = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(gate)) Atomics.wait(never, 0, 0, 1);
  }
  existsSync("/shmgen-begin");
}

export const opened = () => existsSync("/shmgen-opened");
export const end = () => existsSync("/shmgen-end");
