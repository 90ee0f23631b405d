/** Who we are and who is in the way, from /proc. Information for people: no decision rests on a process id. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The stamp that a creator leaves in the header. */
export interface ProcessStamp {
  readonly pid: number;
  /** Ticks since boot; 0 without /proc. */
  readonly startTime: bigint;
  /** First 8 bytes of the boot id, as a little-endian integer; 0 without /proc. */
  readonly bootId: bigint;
}

let own: ProcessStamp | undefined;

/** Read once per thread. */
export function ownStamp(): ProcessStamp {
  own ??= {
    pid: process.pid,
    startTime: BigInt(statFields("self")?.[19] ?? 0),
    bootId: BigInt(`0x0${readText("/proc/sys/kernel/random/boot_id").replaceAll("-", "").slice(0, 16)}`),
  };
  return own;
}

/**
 * Who holds the flock on a file, by /proc/locks, as its number and {@link describeProcess}.
 * Undefined when it cannot be told, for instance for a holder in another pid namespace.
 */
export function lockHolder(dev: number, ino: number): { readonly pid: number; readonly who: string } | undefined {
  const major = Math.floor(dev / 0x100) & 0xfff;
  const minor = (dev & 0xff) | ((dev / 0x1000) & 0xfff00);
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  const place = ` ${hex(major)}:${hex(minor)}:${ino} `;
  // A waiter's line has "->" in it; only the holder is of interest.
  const line = readText("/proc/locks")
    .split("\n")
    .find((text) => text.includes("FLOCK") && text.includes(place) && !text.includes("->"));
  const pid = Number(/(?:READ|WRITE)\s+(\d+)/.exec(line ?? "")?.[1] ?? 0);
  return pid > 0 ? { pid, who: describeProcess(pid) } : undefined;
}

/** `"node writer.js, stopped"`: program and script, and the state where it explains a wait. */
export function describeProcess(pid: number): string {
  const [program = "", script = "-"] = readText(`/proc/${pid}/cmdline`).split("\0");
  const words = script.startsWith("-") ? [program] : [program, script];
  const name = words.map((word) => basename(word)).join(" ") || readText(`/proc/${pid}/comm`).trim() || "unknown";
  const state = { T: "stopped", t: "stopped by a debugger", Z: "a zombie", D: "in uninterruptible sleep" }[
    statFields(String(pid))?.[0] ?? ""
  ];
  return state === undefined ? name : `${name}, ${state}`;
}

/** Ticks since boot; undefined when there is no such process, or no /proc. */
export function startTimeOf(pid: number): bigint | undefined {
  const field = statFields(String(pid))?.[19];
  return field === undefined ? undefined : BigInt(field);
}

/** The fields of /proc/PID/stat after the name, which may itself contain spaces and brackets; 0 is the state. */
function statFields(pid: string): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
