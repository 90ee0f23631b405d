/** Users and groups by name, as the files of this machine know them. Directories of a network are not asked. */
import { readFileSync } from "node:fs";

/** The number of a group; undefined when /etc/group does not have it. */
export function groupId(name: string): number | undefined {
  return idIn("/etc/group", name);
}

/** The number of a user; undefined when /etc/passwd does not have it. */
export function userId(name: string): number | undefined {
  return idIn("/etc/passwd", name);
}

/** Both files have the name first and the number third. @see passwd(5), group(5) */
function idIn(file: string, name: string): number | undefined {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find(([first]) => first === name);
  return fields !== undefined && /^\d+$/.test(fields[2] ?? "") ? Number(fields[2]) : undefined;
}
