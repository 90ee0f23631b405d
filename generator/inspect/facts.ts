/** What is said of a region besides its fields. */
import type { RegionHeader } from "@shmgen/schema/header";
import type { ForeignShown, Inspected } from "./shown.js";
import { jsonText, safeText } from "./values.js";

/** What the header alone does not tell. */
export interface Surroundings {
  /** As the user wrote it. */
  readonly name: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Whether the process that initialised the region still runs; undefined where that cannot be told. */
  readonly isCreatorRunning: boolean | undefined;
}

/** The lines above the fields. */
export function headingLines(shown: Inspected | ForeignShown, about: Surroundings): string[] {
  return shown.header === undefined ? foreignLines(shown, about) : regionLines(shown, about);
}

function tailText({ struct, tailLength }: Inspected | ForeignShown): string {
  return struct.tail === undefined ? "" : `, tail of ${tailLength} x ${struct.tail.stride} bytes`;
}

function foreignLines(shown: ForeignShown, about: Surroundings): string[] {
  const { struct, start, schema, unexpected } = shown;
  const from = start === 0 ? "" : ` from byte ${start} on`;
  return [
    `${safeText(about.name)}: ${safeText(shown.name)} as ${safeText(schema)} has it`,
    `${about.size} bytes at ${safeText(about.path)}, struct of ${struct.size} bytes${from}${tailText(shown)}`,
    ...unexpected.map((sentence) => `not as expected: ${sentence}`),
  ];
}

function regionLines(shown: Inspected, about: Surroundings): string[] {
  const { header, region, struct } = shown;
  const { generation } = header;
  const tail = tailText(shown);
  return [
    `${safeText(about.name)}: ${safeText(region.name)} version ${region.version} (type 0x${region.typeId.toString(16)}), ready, generation ${generation}, ${creatorText(header, about)}`,
    `${about.size} bytes at ${safeText(about.path)}, payload of ${struct.size} bytes${tail}`,
    `fingerprint ${struct.fingerprint}, initialised ${timeText(header) ?? "at an unknown time"}${header.kept ? ", kept" : ""}`,
  ];
}

/** `"creator 4711 running"` */
export function creatorText({ creatorPid }: RegionHeader, { isCreatorRunning }: Surroundings): string {
  const life = isCreatorRunning === undefined ? "" : isCreatorRunning ? " (running)" : " (gone)";
  return `creator ${creatorPid}${life}`;
}

/** The time of the initialisation in UTC; undefined for what is no time. */
function timeText({ initialisedAt }: RegionHeader): string | undefined {
  const time = new Date(Number(initialisedAt / 1_000_000n));
  return initialisedAt === 0n || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The same facts as members of a JSON object, each as JSON text. */
export function shownMembers(shown: Inspected | ForeignShown, about: Surroundings): [name: string, json: string][] {
  const struct: [string, string] = ["struct", jsonText(shown.name)];
  if (shown.header !== undefined) return [...headerMembers(shown.header, "ready", about), struct];
  const { start, schema, tailLength, unexpected } = shown;
  const { size: payloadSize, fingerprint, tail } = shown.struct;
  const numbers = { offset: start, payloadSize, tailStride: tail?.stride ?? 0, tailLength, fingerprint };
  return [
    ...headerMembers(undefined, "foreign", about),
    ["schema", jsonText(schema)],
    ...Object.entries(numbers).map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
    ["unexpected", `[${unexpected.map(jsonText).join(", ")}]`],
    struct,
  ];
}

/** What a header says, as members of a JSON object; without one what is known all the same. */
export function headerMembers(
  header: RegionHeader | undefined,
  state: string,
  about: Surroundings,
): [name: string, json: string][] {
  const members: [string, string][] = [
    ["name", jsonText(about.name)],
    ["path", jsonText(about.path)],
    ["state", jsonText(state)],
    ["size", String(about.size)],
  ];
  if (header === undefined) return members;
  const { creatorPid: pid, descriptorOffset: offset, descriptorSize: size } = header;
  const creator = { pid, ...(about.isCreatorRunning !== undefined && { isRunning: about.isCreatorRunning }) };
  const { typeId, version, readableFrom, generation, fingerprint, payloadSize, tailStride, tailLength } = header;
  const numbers = { typeId, version, readableFrom, generation, fingerprint, payloadSize, tailStride, tailLength };
  const all = {
    ...numbers,
    descriptor: { offset, size },
    creator,
    initialisedAt: timeText(header) ?? null,
    kept: header.kept,
  };
  return [...members, ...Object.entries(all).map(([name, value]): [string, string] => [name, JSON.stringify(value)])];
}
