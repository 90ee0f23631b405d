/** `shmgen list`: the regions of a directory, and who has them open. */
import type { ListedRegion } from "@shmgen/runtime";
import { printable, printableJson } from "@shmgen/schema/printable";
import type { Invocation } from "./command.js";
import { EXIT } from "../diagnostics/failure.js";
import {
  asking,
  loadDoctor,
  ownersCell,
  placeOptions,
  regionsDirectory,
  roomBehind,
  shownDirectory,
  sizeText,
  tableOf,
  wrapped,
} from "./regions.js";
import { coloured, countOf } from "./report.js";

const HEADING = ["NAME", "STATE", "SIZE", "TYPE", "GEN", "OWNERS"];
/** Everything before the owners. */
const FIXED = HEADING.length - 1;

/** Prints the regions of a directory. What it shows is no finding: the exit code is 0. */
export async function run(invocation: Invocation): Promise<number> {
  const { terminal, flags } = invocation;
  const options = placeOptions(invocation);
  const regions = await asking(({ listRegions }) => listRegions(options));
  if (flags.has("json")) {
    terminal.out(`${printableJson(regions, 2)}\n`);
    return EXIT.clean;
  }
  const directory = printable(await shownDirectory(options));
  if (regions.length === 0) terminal.out(nothing(directory) + (await elsewhere(await regionsDirectory(options))));
  else terminal.out(`${textOf(regions, directory, terminal.colourOut).join("\n")}\n`);
  return EXIT.clean;
}

function nothing(directory: string): string {
  return (
    `no regions in ${directory}\n` +
    "A program makes one with createOrOpen. Programs of other users, or with another\n" +
    "$SHMGEN_DIR or scope, have other directories: see --directory and --scope.\n"
  );
}

/** Where mounts give other processes of this user a directory of their own, an empty list says nothing about theirs. */
async function elsewhere(directory: string): Promise<string> {
  const { checkEnvironment } = await loadDoctor();
  const [check] = await checkEnvironment({ directory, only: ["shm-shared"] });
  if (check?.status !== "warning") return "";
  return `${wrapped(printable(`But ${check.found}: shmgen doctor says what to do.`), 80).join("\n")}\n`;
}

function textOf(regions: readonly ListedRegion[], directory: string, colours: boolean): string[] {
  const fixed = regions.map((region) => [
    printable(region.name),
    region.kept === true ? `${region.state}, kept` : region.state,
    sizeText(region.size),
    region.typeId === undefined ? "-" : `0x${region.typeId.toString(16)} v${region.version}`,
    region.generation === undefined ? "-" : String(region.generation),
  ]);
  const room = roomBehind([HEADING, ...fixed], FIXED);
  const rows = regions.map(({ owners, unseen }, index) => [...(fixed[index] ?? []), ownersCell(owners, unseen, room)]);
  const [heading = "", ...lines] = tableOf(HEADING, rows);
  const notes = regions.flatMap(({ name, state, why, participants }) => [
    ...(why === undefined ? [] : wrapped(printable(`${name}: ${state}, ${why}`), 80)),
    ...(participants && participants.taken > 0
      ? wrapped(printable(`${name}: ${participantsText(participants)}`), 80)
      : []),
  ]);
  return [
    colours ? coloured("bold", heading) : heading,
    ...lines,
    "",
    ...(notes.length === 0 ? [] : [...notes, ""]),
    `${summary(regions)} in ${directory}`,
    ...(regions.some(({ state, kept }) => (state === "stale" && kept !== true) || state === "damaged")
      ? ["shmgen clean shows what can go"]
      : []),
  ];
}

/** `"3 participants, 1 dead"` */
function participantsText({ taken, dead }: NonNullable<ListedRegion["participants"]>): string {
  return `${countOf(taken, "participant")}${dead === 0 ? "" : `, ${dead} dead`}`;
}

const STATES = ["live", "initialising", "stale", "damaged", "foreign", "unknown"] as const;

/** `"3 files: 2 live, 1 stale"` */
function summary(regions: readonly ListedRegion[]): string {
  const counts = STATES.map((state) => [regions.filter((region) => region.state === state).length, state] as const);
  const shown = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  return `${countOf(regions.length, "file")}: ${shown.join(", ")}`;
}
