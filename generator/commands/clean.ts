/** `shmgen clean`: the regions that nobody has open are removed. */
import type { CleanResult, RemovedRegion } from "@shmgen/runtime";
import { printable, printableJson } from "@shmgen/schema/printable";
import type { Invocation } from "./command.js";
import { EXIT } from "../diagnostics/failure.js";
import { asking, placeOptions, shownDirectory, sizeText, tableOf } from "./regions.js";
import { countOf } from "./report.js";

/** Removes what the dead left behind, or says what that would be: then that there is something is a finding. */
export async function run(invocation: Invocation): Promise<number> {
  const { terminal, flags } = invocation;
  const options = placeOptions(invocation);
  const dryRun = !flags.has("yes");
  const includeKept = flags.has("kept");
  const result = await asking(({ cleanStale }) => cleanStale({ ...options, dryRun, includeKept }));
  if (flags.has("json")) terminal.out(`${printableJson(result, 2)}\n`);
  else terminal.out(`${textOf(result, await shownDirectory(options), includeKept).join("\n")}\n`);
  return dryRun && result.removed.length > 0 ? EXIT.findings : EXIT.clean;
}

function textOf({ dryRun, removed, kept }: CleanResult, directory: string, includeKept: boolean): string[] {
  const lines: string[] = [];
  // What is in the folders of sessions shows as `session-12/name`.
  const shown = ({ name, path }: RemovedRegion): string =>
    printable(path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : name);
  if (removed.length > 0) {
    const rows = removed.map((region) => [shown(region), region.state, sizeText(region.size)]);
    lines.push(...tableOf([dryRun ? "WOULD GO" : "REMOVED", "STATE", "SIZE"], rows), "");
  }
  if (kept.length > 0) {
    const rows = kept.map((region) => [shown(region), region.state, printable(region.why)]);
    lines.push(...tableOf(["STAYS", "STATE", "WHY"], rows), "");
  }
  const bytes = sizeText(removed.reduce((sum, { size }) => sum + size, 0));
  const stays = kept.length === 0 ? "" : `, ${countOf(kept.length, "file")} ${kept.length === 1 ? "stays" : "stay"}`;
  if (removed.length === 0) lines.push(`nothing to remove in ${printable(directory)}${stays}`);
  else if (dryRun) {
    lines.push(`${countOf(removed.length, "file")} (${bytes}) would go from ${printable(directory)}${stays}`);
    lines.push(`nothing was removed: shmgen clean ${includeKept ? "--kept " : ""}--yes does it`);
  } else lines.push(`${countOf(removed.length, "file")} (${bytes}) removed from ${printable(directory)}${stays}`);
  if (kept.some(({ isKept }) => isKept)) lines.push("shmgen clean --kept takes what was opened to stay as well");
  return lines;
}
