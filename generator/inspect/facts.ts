/** What is said of a region besides its fields. */
import type { RegionHeader } from "@shmgen/schema/header";
import type { Inspected } from "./inspect-steadily.js";
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
export function headingLines({ header, region, struct }: Inspected, about: Surroundings): string[] {
  const { generation, tailLength, tailStride } = header;
  const tail = tailStride === 0 ? "" : `, tail of ${tailLength} x ${tailStride} bytes`;
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
