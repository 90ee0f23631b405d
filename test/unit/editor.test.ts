/** What an editor shows and where it leads, from code that uses generated modules. TypeScript's own language server is asked. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import { languageServer, type LanguageServer } from "../support/tsserver.js";
import { STRICT } from "../support/schemas/strict.js";

const root = join(import.meta.dirname, "../..");
// Inside the workspace, so that @shmgen/runtime is found as a user's project would find it.
const folder = mkdtempSync(join(root, "node_modules/.shmgen-editor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVERS = [
  ["5.9", "node_modules/typescript-5.9/lib/tsserver.js"],
  ["6.0", "node_modules/typescript/lib/tsserver.js"],
] as const;

const USAGE = `import { Gear, Telemetry, type TelemetryReader } from "./generated/car.js";
const region = Telemetry.createOrOpen("car");
export const driver = region.data.driver;
export const sum = region.data.$samples.add(1n);
export const gear: Gear = Gear.Reverse;
export function look(reader: TelemetryReader): number {
  return reader.throttle;
}
const { data } = region;
export const all = [data.samples, data.gear, data.throttle, data.position, data.wheels, data.wheels.at(0).slip, 0];
`;

/** What shows on hover of each field: its comment, of which `position` has none here, and what it is in memory. */
const PLACES = [
  ["samples,", "Samples published since the region was created.", "`atomic<u64>` at 0, 8 bytes, atomic."],
  ["gear,", "What the driver has selected.", "`atomic<Gear>` at 8, 1 byte, atomic."],
  ["throttle;", "Percent of full throttle, 0 to 100.", "`atomic<u8>` at 9, 1 byte, atomic."],
  ["throttle,", "Percent of full throttle, 0 to 100.", "`atomic<u8>` at 9, 1 byte, atomic."],
  ["position,", "", "`array<f64, 3>` at 16, 24 bytes, not atomic."],
  ["wheels,", "Front left, front right, rear left, rear right.", "`array<Wheel, 4>` at 40, 32 bytes."],
  ["slip,", "Slip ratio, 0 when rolling freely.", "`f32` at 4, 4 bytes, not atomic."],
] as const;

const usage = (kind: string): string => join(folder, kind, "usage.ts");

beforeAll(async () => {
  const golden = readFileSync(join(root, "test/golden/telemetry/schema.shm.ts"), "utf8");
  const schema = golden.replace("  /** Metres east, north and up of the pit lane. */\n", "");
  for (const kind of ["ts", "js"] as const) {
    const { files } = await compile({ files: ["car.shm.ts"], readFile: () => schema, targets: [kind] });
    const all = [...files, { path: "car.shm.ts", text: schema }, { path: "usage.ts", text: USAGE }];
    const config = JSON.stringify({ compilerOptions: STRICT, include: ["usage.ts"] });
    for (const { path, text } of [...all, { path: "tsconfig.json", text: config }]) {
      mkdirSync(dirname(join(folder, kind, path)), { recursive: true });
      writeFileSync(join(folder, kind, path), text);
    }
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});

for (const [version, path] of SERVERS) {
  describe(`in an editor with TypeScript ${version}`, () => {
    let server: LanguageServer;
    beforeAll(() => {
      server = languageServer(join(root, path), [usage("ts"), usage("js")]);
    });
    afterAll(() => server.close());

    it("hovering over an opening method and a field shows their comments, in both targets", async () => {
      for (const kind of ["ts", "js"]) {
        expect(await server.hover(usage(kind), "createOrOpen")).toContain("Opens the region `name`; creates and");
        expect(await server.hover(usage(kind), "driver;")).toBe(
          "Who drives, as shown on the dashboards.\n\n`utf8<32>` at 72, 32 bytes, not atomic.",
        );
      }
    });

    it("hovering over any accessor says its type, its bytes and its atomicity, with and without a comment", async () => {
      for (const kind of ["ts", "js"]) {
        for (const [needle, comment, place] of PLACES)
          expect(await server.hover(usage(kind), needle)).toBe(comment === "" ? place : `${comment}\n\n${place}`);
      }
    });

    it("going to the definition of what has declarations leads into the schema", async () => {
      const schema = join(folder, "js/car.shm.ts");
      const leadsTo = async (needle: string, text: string): Promise<void> => {
        const places = await server.definition(usage("js"), needle);
        // Some declarations are two: getter and setter, constant and type.
        expect(new Set(places.map(({ file }) => file))).toEqual(new Set([schema]));
        expect(new Set(places.map((place) => place.text))).toEqual(new Set([text]));
      };
      await leadsTo("driver;", "driver: utf8<32>;");
      await leadsTo("$samples", "samples: atomic<u64>;");
      await leadsTo("throttle", "throttle: atomic<u8>;");
      await leadsTo("TelemetryReader)", "Telemetry extends Region<{ type: 0x54; version: 3 }> {");
      await leadsTo("Gear = ", "Gear {");
      await leadsTo("Reverse", "Reverse,");
    });

    it("going to the definition of what is TypeScript leads to the accessor", async () => {
      const places = await server.definition(usage("ts"), "driver;");
      expect(new Set(places.map(({ file }) => file))).toEqual(new Set([join(folder, "ts/generated/car.ts")]));
    });
  });
}
