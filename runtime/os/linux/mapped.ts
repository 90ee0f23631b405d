/** What this process has mapped. @see proc_pid_maps(5) */
import { fs } from "../node.js";
import { attemptUnless } from "../posix/syscall.js";

/** Whether a file is what lies at an address, by what the kernel says. */
export function isMappedAt(address: number, ino: number, path: string): boolean {
  const reasons = ["ENOENT", "EACCES", "ERR_ACCESS_DENIED"];
  const maps = attemptUnless(path, reasons, () => fs.readFileSync("/proc/self/maps", "latin1")) ?? "";
  // "7f0123400000-7f0123410000 rw-s 00000000 00:19 4711 /dev/shm/..."
  const line = maps.split("\n").find((text) => text.startsWith(`${address.toString(16).padStart(8, "0")}-`));
  return line?.split(/ +/)[4] === String(ino);
}
