/** Processes that stand still: SIGSTOP and SIGCONT, or what debuggers do on Windows. */
import koffi from "koffi";
import { IS_WINDOWS, IS_WINE } from "../run/system.js";

/** @see https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights */
const PROCESS_SUSPEND_RESUME = 0x800;

/** The functions of Windows, loaded on first use. */
let windows: ReturnType<typeof load> | undefined;
function load() {
  const [kernel32, ntdll] = [koffi.load("kernel32.dll"), koffi.load("ntdll.dll")];
  return {
    open: kernel32.func("void *OpenProcess(uint32_t access, int inherit, uint32_t pid)"),
    close: kernel32.func("int CloseHandle(void *handle)"),
    suspend: ntdll.func("int32_t NtSuspendProcess(void *process)"),
    resume: ntdll.func("int32_t NtResumeProcess(void *process)"),
  };
}

/**
 * Of so many blows of a storm one stops somebody, and the others kill. Under wine 10 who was stopped once and is killed later never comes to
 * his end: his threads go but for one, which waits for wine's server.
 */
export const STOPS = IS_WINE ? 0 : 0.3;

/** A process that we have started. */
export type Stoppable = { readonly pid?: number | undefined } & (
  { kill(name: NodeJS.Signals): unknown } | { signal(name: NodeJS.Signals): unknown }
);

/** Nothing of it runs any more, from some moment after this on. Nothing happens where it has ended. */
export function suspend(child: Stoppable): void {
  if (IS_WINDOWS) call("suspend", child.pid);
  else send(child, "SIGSTOP");
}

export function resume(child: Stoppable): void {
  if (IS_WINDOWS) call("resume", child.pid);
  else send(child, "SIGCONT");
}

function send(child: Stoppable, name: NodeJS.Signals): void {
  if ("signal" in child) child.signal(name);
  else child.kill(name);
}

function call(name: "suspend" | "resume", pid = 0): void {
  windows ??= load();
  const handle: unknown = windows.open(PROCESS_SUSPEND_RESUME, 0, pid);
  if (handle === null) return;
  windows[name](handle);
  windows.close(handle);
}
