/** The end of this process at once, as SIGKILL. On Windows process.kill would end it with 1, the code of an exception. */
import { createRequire } from "node:module";
import { KILLED_CODE } from "./ends.mjs";

const kill =
  process.platform === "win32"
    ? terminate(createRequire(import.meta.url)("koffi"))
    : () => process.kill(process.pid, "SIGKILL");

export const killItself = () => kill();

function terminate(koffi) {
  const kernel32 = koffi.load("kernel32.dll");
  const end = kernel32.func("int TerminateProcess(intptr_t process, uint32_t code)");
  return () => end(-1, KILLED_CODE);
}
