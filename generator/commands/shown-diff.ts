/** The difference of a generated file as people see it. `--format json` has it as it is. */
import { printableLines } from "@shmgen/schema/printable";

/** So many lines of one file are shown, unless all are asked for. */
const LINES_MAX = 40;

/** All of it, as a patch. What others have put into a file may hold anything, so what moves a terminal is shown as text. */
export function wholeDiff(diff: string): string {
  return diff.split("\t").map(printableLines).join("\t");
}

/** The beginning of it, without the bytes of descriptors, which say nothing to anybody. Ends with how to see the rest. */
export function shortDiff(diff: string): string {
  if (diff === "") return "";
  const lines: string[] = [];
  let isTold = false;
  for (const line of wholeDiff(diff).replace(/\n$/, "").split("\n")) {
    const isDescriptor = DESCRIPTOR_LINE.test(line);
    if (!isDescriptor) lines.push(line);
    else if (!isTold && !line.startsWith(" ")) lines.push("  descriptor changed");
    // Lines before and after a change are one place.
    isTold = isDescriptor && (isTold || !line.startsWith(" "));
  }
  const rest = lines.length - LINES_MAX;
  if (rest <= 0) return `${lines.join("\n")}\n`;
  const more = `... ${rest} more line${rest === 1 ? "" : "s"}; shmgen check --full shows all`;
  return `${[...lines.slice(0, LINES_MAX), more].join("\n")}\n`;
}

/** Of a diff: base64 on a line of its own or behind its key (TypeScript), a row of bytes (C). */
const DESCRIPTOR_LINE =
  /^[-+ ](?: +(?:descriptor: ?)?"[A-Za-z0-9+/]{64,}={0,2}",?| +descriptor:| +(?:\d{1,3}, ?)*\d{1,3},)$/;
