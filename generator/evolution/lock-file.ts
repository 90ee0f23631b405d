/**
 * `shmgen.lock.json`: every published layout, by region and version. It is committed. One field stands on one line and keys are
 * sorted, so that two branches that publish different regions merge without help, and two that change the same one conflict.
 */
import { readFileSync } from "node:fs";
import { LayoutError, readLayout } from "@shmgen/schema/evolution";
import { z } from "zod";
import { CommandFailure, EXIT, errnoOf, systemFailure } from "../diagnostics/failure.js";
import { fingerprintOf, type PublishedLayout } from "./published-layout.js";

const Uint32 = z.int().min(0).max(0xffffffff);
const Entry = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  readableFrom: Uint32,
  header: z.enum(["standard", "dotnet"]),
  /** `Car@1`, which the keys say as well. */
  of: z.string(),
  layout: z.looseObject({ structs: z.array(z.looseObject({ fields: z.array(z.looseObject({})) })) }),
});
const LockFile = z.strictObject({
  lockVersion: z.literal(1),
  regions: z.record(
    z.string().min(1),
    z.strictObject({ type: Uint32, versions: z.record(z.string().regex(/^[1-9]\d*$/), Entry) }),
  ),
});

/** All published versions of one region. */
export interface PublishedRegion {
  readonly name: string;
  readonly typeId: number;
  /** By version, ascending. */
  readonly versions: ReadonlyMap<number, PublishedLayout>;
}

/** What was published, by name of the region. */
export type Published = ReadonlyMap<string, PublishedRegion>;

/** Reads a lock file; undefined when there is none. @throws CommandFailure for one that is no lock file (2), or unreadable (3) */
export function readLockFile(path: string, shown: string): Published | undefined {
  let text: string;
  try {
    // Some editors begin every file with a byte order mark.
    text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemFailure("read", shown, error);
  }
  return parseLockFile(text, shown);
}

/** @throws CommandFailure (exit code 2) that says where the text is wrong */
function parseLockFile(text: string, shown: string): Published {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const conflict = /^(?:<{7}|={7}|>{7})/m.test(text);
    const why = conflict ? "it has conflict markers of a merge" : error instanceof Error ? error.message : "";
    throw broken(shown, `it is no JSON: ${why}`);
  }
  const result = LockFile.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw broken(shown, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
  }
  const regions = Object.entries(result.data.regions).map(([name, { type, versions }]): PublishedRegion => {
    const read = Object.entries(versions).map(([version, entry]) => {
      return [Number(version), entryLayout({ name, typeId: type, version: Number(version) }, entry, shown)] as const;
    });
    return { name, typeId: type, versions: new Map(read.sort(([a], [b]) => a - b)) };
  });
  return new Map(regions.map((region) => [region.name, region]));
}

interface Named {
  readonly name: string;
  readonly typeId: number;
  readonly version: number;
}

function entryLayout(named: Named, entry: z.infer<typeof Entry>, shown: string): PublishedLayout {
  const { fingerprint, readableFrom, header, layout: json } = entry;
  const where = `${named.name}, version ${named.version}`;
  // `since` and `was` stand at their field here, and in a list of their own in a descriptor.
  const history = json.structs.flatMap(({ fields }, struct) =>
    fields.flatMap(({ since, was }, field) => {
      const facts = { ...(since !== undefined && { since }), ...(was !== undefined && { was }) };
      return Object.keys(facts).length === 0 ? [] : [[struct, field, facts]];
    }),
  );
  try {
    const layout = readLayout(json, history);
    const found = fingerprintOf(layout);
    if (found !== fingerprint) throw new LayoutError(`the layout has the fingerprint ${found}, not ${fingerprint}`);
    return { region: { ...named, readableFrom, header }, layout, name: named.name, fingerprint };
  } catch (error) {
    if (error instanceof LayoutError) throw broken(shown, `${where}: ${error.message}`);
    throw error;
  }
}

function broken(shown: string, problem: string): CommandFailure {
  const hint = "take it from version control; it is written by shmgen lock, and not by hand";
  return new CommandFailure(EXIT.usage, `${shown}: ${problem}`, hint);
}

/**
 * The text of a lock file, ending in a newline. What belongs to one region or version begins on a line that no other has, so that
 * git does not take parts of one for parts of another.
 */
export function lockFileText(published: Published): string {
  const regions = [...published.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = regions.map(({ name, typeId, versions }) => {
    const entries = [...versions].sort(([a], [b]) => a - b).map(([version, entry]) => entryText(version, entry));
    return `    ${JSON.stringify(name)}: {"type":${typeId},"versions":{\n${entries.join(",\n")}\n    }}`;
  });
  const body = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `{\n  "lockVersion": 1,\n  "regions": ${body}\n}\n`;
}

function entryText(version: number, { name, fingerprint, region, layout }: PublishedLayout): string {
  const facts = { fingerprint, readableFrom: region?.readableFrom ?? version, header: region?.header ?? "standard" };
  const structs = layout.structs.map(({ fields, tailStride, ...head }) => {
    const rows = fields.map(({ name: field, type, offset, size, since, was }) =>
      JSON.stringify({
        name: field,
        type,
        offset,
        size,
        ...(since !== undefined && { since }),
        ...(was !== undefined && { was }),
      }),
    );
    const tail = tailStride === undefined ? "" : `,"tailStride":${tailStride}`;
    return rowsText(`${JSON.stringify(head).slice(0, -1)},"fields":[`, rows, `]${tail}}`);
  });
  const enums = layout.enums.map(({ members, ...head }) =>
    rowsText(
      `${JSON.stringify(head).slice(0, -1)},"members":[`,
      members.map((member) => JSON.stringify(member)),
      "]}",
    ),
  );
  const bits = layout.bits.map(({ fields, ...head }) =>
    rowsText(
      `${JSON.stringify(head).slice(0, -1)},"fields":[`,
      fields.map((field) => JSON.stringify(field)),
      "]}",
    ),
  );
  const head = `      "${version}": ${JSON.stringify(facts).slice(0, -1)},"layout":{"structs":[`;
  // The name is there for git alone: no other entry ends like this.
  const end = `      ],"enums":[${listText(enums)}],"bits":[${listText(bits)}]},"of":${JSON.stringify(`${name}@${version}`)}}`;
  return `${head}\n${structs.join(",\n")}\n${end}`;
}

function rowsText(head: string, rows: readonly string[], end: string): string {
  return [`        ${head}`, rows.map((row) => `          ${row}`).join(",\n"), `        ${end}`]
    .filter(Boolean)
    .join("\n");
}

function listText(items: readonly string[]): string {
  return items.length === 0 ? "" : `\n${items.join(",\n")}\n      `;
}
