/** What systemd removes behind our back. @see logind.conf(5), tmpfiles.d(5) */
import * as fs from "node:fs";
import { basename, join } from "node:path";
import { globSource } from "../../../schema/glob.js";
import type { Finding, Surroundings } from "../check.js";
import { textOf } from "./texts.js";

/** Where configuration lies, strongest first: a file hides those of the same name further down. */
const HOMES = ["etc", "run", "usr/local/lib", "usr/lib"];
/** The last uid of system users, where /etc/login.defs says nothing. */
const SYSTEM_UID_MAX = 999;

/** logind removes what a user has in /dev/shm when that user's last session ends; never for root and system users. */
export function removeIpc({ directory, uid, root }: Surroundings): Finding<"remove-ipc"> {
  if (!isRunning(root)) return { is: "ok", found: "systemd does not run here" };
  const sources = [...mainFile(root, "systemd/logind.conf"), ...dropIns(root, "systemd/logind.conf.d")];
  let file = join(root, "etc/systemd/logind.conf");
  let value = "yes, by default";
  for (const source of sources) {
    const given = settingOf(textOf(source) ?? "", "Login", "RemoveIPC");
    if (given !== undefined) [value, file] = [given, source];
  }
  const found = `RemoveIPC=${value}`;
  if (!/^(?:yes|true|on|y|t|1)\b/i.test(value)) return { is: "ok", found };
  if (!`${directory}/`.startsWith("/dev/shm/")) return { is: "ok", found: `${found}, for /dev/shm alone` };
  const systemMax = Number(/^SYS_UID_MAX\s+(\d+)/m.exec(textOf(join(root, "etc/login.defs")) ?? "")?.[1]);
  if (uid <= (systemMax || SYSTEM_UID_MAX)) return { is: "ok", found: `${found}, but not for system users` };
  const name = userName(root, uid);
  if (name !== undefined && fs.existsSync(join(root, "var/lib/systemd/linger", name))) {
    return { is: "ok", found: `${found}, but ${name} lingers` };
  }
  return { is: "removes", found, facts: { uid, file } };
}

/** One line of tmpfiles.d that says something about the contents of a directory. */
interface Rule {
  readonly type: string;
  readonly path: string;
  readonly age: string;
}

/** Those that clean by age, and x, which forbids it. */
const CLEANERS = /^[dDevqQCx]/;

export function tmpCleaner({ directory, root }: Surroundings): Finding<"tmp-cleaner"> {
  if (!isRunning(root)) return { is: "ok", found: "systemd does not run here" };
  const rules = dropIns(root, "tmpfiles.d").flatMap((file) => rulesOf(textOf(file) ?? ""));
  // The rule that is nearest to a directory is the one that counts.
  let nearest: { readonly rule: Rule; readonly depth: number } | undefined;
  for (const rule of rules) {
    const depth = depthAt(rule, directory);
    if (depth > (nearest?.depth ?? 0) || (depth === nearest?.depth && rule.type === "x")) nearest = { rule, depth };
  }
  if (nearest === undefined) return { is: "ok", found: "no rule for it" };
  const { type, path, age } = nearest.rule;
  const found = `${type} ${path}${age === "-" ? "" : `, age ${age}`}`;
  return { is: type === "x" || age === "-" ? "ok" : "cleans", found, facts: { directory } };
}

function rulesOf(text: string): Rule[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([type = "", path = ""]) => CLEANERS.test(type) && path.startsWith("/"))
    .map(([type = "", path = "", , , , age = "-"]) => ({
      type: type.slice(0, 1),
      path: path.replaceAll(/^"|"$|(?<=.)\/+$/g, ""),
      age,
    }));
}

/** How many parts of the directory's path a rule names; 0 when it is about something else. */
function depthAt({ type, path }: Rule, directory: string): number {
  const parts = path.split("/");
  const above = directory.split("/").slice(0, parts.length).join("/");
  const isMeant = type === "x" || type === "e" ? matches(path, above) : path === above;
  return isMeant ? parts.length : 0;
}

/** tmpfiles.d(5) calls glob(7). */
function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${globSource(pattern)}$`, "u").test(path);
}

/** As sd_booted(3) tells it. */
function isRunning(root: string): boolean {
  return fs.existsSync(join(root, "run/systemd/system"));
}

function mainFile(root: string, path: string): string[] {
  return HOMES.map((home) => join(root, home, path))
    .filter((file) => fs.existsSync(file))
    .slice(0, 1);
}

function dropIns(root: string, folder: string): string[] {
  const byName = new Map<string, string>();
  for (const home of HOMES) {
    for (const name of namesIn(join(root, home, folder))) {
      if (name.endsWith(".conf") && !byName.has(name)) byName.set(name, join(root, home, folder, name));
    }
  }
  return [...byName.values()].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

/** The last value that a section gives; undefined when it says nothing. */
function settingOf(text: string, section: string, key: string): string | undefined {
  let inside = false;
  let value: string | undefined;
  for (const line of text.split("\n").map((words) => words.trim())) {
    if (line.startsWith("[")) inside = line === `[${section}]`;
    const at = line.indexOf("=");
    if (inside && at > 0 && line.slice(0, at).trim() === key) value = line.slice(at + 1).trim();
  }
  return value;
}

function userName(root: string, uid: number): string | undefined {
  const lines = (textOf(join(root, "etc/passwd")) ?? "").split("\n");
  return lines.find((line) => line.split(":")[2] === String(uid))?.split(":")[0];
}
