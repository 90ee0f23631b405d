/** Users and groups by name, as the files of this machine know them. Directories of a network are not asked. */
import { fs } from "../node.js";

/** The number of a group; undefined when /etc/group does not have it. */
export function groupId(name: string): number | undefined {
  return idIn("/etc/group", name);
}

/** The number of a user; undefined when /etc/passwd does not have it. */
export function userId(name: string): number | undefined {
  return idIn("/etc/passwd", name);
}

/** What the kernel shows for every user and group that a user namespace has no number for. */
const OVERFLOW = 65534;
const ALL = 0xffff_ffff;
const whole = new Map<string, boolean>();

/** Whether a number may stand for several users: in a user namespace that does not map them all. */
export function isAmbiguousUser(uid: number): boolean {
  return uid === overflow("uid") && !mapsAll("/proc/self/uid_map");
}

/** As {@link isAmbiguousUser}, for groups. */
export function isAmbiguousGroup(gid: number): boolean {
  return gid === overflow("gid") && !mapsAll("/proc/self/gid_map");
}

function overflow(kind: "uid" | "gid"): number {
  const text = readText(`/proc/sys/kernel/overflow${kind}`);
  return text === "" ? OVERFLOW : Number(text);
}

/** A namespace's map does not change once it is written. @see user_namespaces(7) */
function mapsAll(file: string): boolean {
  const known = whole.get(file);
  if (known !== undefined) return known;
  const text = readText(file);
  const counts = text.split("\n").map((line) => Number(line.trim().split(/\s+/)[2] ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0) >= ALL;
  if (text !== "") whole.set(file, all);
  return all;
}

/** Both files have the name first and the number third. @see passwd(5), group(5) */
function idIn(file: string, name: string): number | undefined {
  const fields = readText(file)
    .split("\n")
    .map((line) => line.split(":"))
    .find(([first]) => first === name);
  return fields !== undefined && /^\d+$/.test(fields[2] ?? "") ? Number(fields[2]) : undefined;
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
