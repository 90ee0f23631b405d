/** What the kernel shows and forbids: /proc, namespaces, sysctls. */
import * as fs from "node:fs";
import { errorCode } from "../../errors.js";
import type { Finding } from "../check.js";
import { mountOf } from "./mounts.js";
import { textOf } from "./texts.js";

/** The inode of the first pid namespace, which every kernel since 3.8 has. @see PROC_PID_INIT_INO in proc_ns.h */
const FIRST_PID_NAMESPACE = "pid:[4026531836]";

export function procMounted(): Finding<"proc"> {
  if (textOf("/proc/self/status") === undefined) return { is: "missing", found: "no /proc" };
  const self = fs.readlinkSync("/proc/self");
  if (self !== String(process.pid)) {
    return { is: "foreign", found: `this process is ${process.pid}, and ${self} in /proc` };
  }
  if (textOf("/proc/locks") === undefined) return { is: "noLocks", found: "/proc/locks cannot be read" };
  const hidden = mountOf("/proc")?.options.find((option) => /^hidepid=(?!0|off)/.test(option));
  return hidden === undefined ? { is: "ok", found: "mounted, /proc/locks readable" } : { is: "hidden", found: hidden };
}

export function pidNamespace(): Finding<"pid-namespace"> {
  const own = inOwnNamespace();
  if (own === undefined) return { is: "skipped", found: "needs /proc" };
  return own ? { is: "own", found: "one of its own, as in a container" } : { is: "ok", found: "the machine's own" };
}

/** Whether processes outside do not show; undefined when it cannot be told. */
export function inOwnNamespace(): boolean | undefined {
  try {
    return fs.readlinkSync("/proc/self/ns/pid") !== FIRST_PID_NAMESPACE;
  } catch (error) {
    if (errorCode(error) === "ERR_ACCESS_DENIED") throw error;
    return undefined;
  }
}

export function protectedSysctls(): Finding<"protected-sysctls"> {
  const names = ["fs.protected_symlinks", "fs.protected_hardlinks"];
  const settings = names.map((name) => {
    const value = textOf(`/proc/sys/${name.replace(".", "/")}`)?.trim();
    return { name, value };
  });
  if (settings.some(({ value }) => value === undefined)) return { is: "skipped", found: "needs /proc/sys" };
  const found = settings.map(({ name, value }) => `${name.slice(13)}=${value}`).join(" ");
  const off = settings.filter(({ value }) => value === "0").map(({ name }) => `${name}=1`);
  return { is: off.length === 0 ? "ok" : "off", found, facts: { settings: off.join(" ") } };
}
