/** The struct of test/golden/kitchen-sink with every kind of field, as a writer and a reader of the same bytes. */
import { readFileSync } from "node:fs";
import { beforeAll, expect } from "vitest";
import { type FutexPort, MemoryView } from "@shmgen/runtime/codegen-v1";
import { isShmError } from "@shmgen/runtime";
import type * as Parts from "../../golden/kitchen-sink/out/parts.js";
import type * as Sink from "../../golden/kitchen-sink/out/schema.js";
import { importSchema } from "./generated.js";

export let sink: typeof Sink;
export let parts: typeof Parts;

export const golden = new URL("../../golden/kitchen-sink/", import.meta.url);
export const read = (name: string): string => readFileSync(new URL(name, golden), "utf8");

beforeAll(async () => {
  // Without its role the struct needs nothing from region/; a region's tail is tested below with a region.
  const plain = read("schema.shm.ts")
    .replace(/extends Region<[^>]*>, /, "extends ")
    .replace(/ {2}samples: tail<Wheel>;\n/, "");
  sink = await importSchema({ "schema.shm.ts": plain, "parts.shm.ts": read("parts.shm.ts") }, "schema.shm.ts");
  parts = await importSchema({ "parts.shm.ts": read("parts.shm.ts") }, "parts.shm.ts");
});

export interface Pair {
  readonly car: Sink.Everything;
  readonly reader: Sink.EverythingReader;
  readonly view: MemoryView;
  readonly readOnlyView: MemoryView;
  /** The bytes of the struct. */
  readonly bytes: DataView;
  at(field: string): number;
}

/** A writer and a reader of the same bytes. */
export function pair(futex?: FutexPort): Pair {
  const buffer = new SharedArrayBuffer(4096);
  const init = { buffer, byteLength: 4096, label: "/dev/shm/test", ...(futex === undefined ? {} : { futex }) };
  const view = new MemoryView({ ...init, readOnly: false });
  const readOnlyView = new MemoryView({ ...init, readOnly: true });
  const car = new sink.Everything(view, 128);
  const offsets = new Map(sink.Everything.layout.fields.map(({ name, offset }) => [name, offset]));
  return {
    car,
    reader: new sink.EverythingReader(readOnlyView, 128),
    view,
    readOnlyView,
    bytes: new DataView(buffer, 128),
    at: (field) => offsets.get(field) ?? Number.NaN,
  };
}

/** The message of what `action` throws, which is a ShmError with this code. */
export function refusal(action: () => unknown, code = "ERR_SHM_RANGE"): string {
  try {
    action();
  } catch (error) {
    if (!isShmError(error)) throw error;
    expect(error.code).toBe(code);
    if (code === "ERR_SHM_RANGE") expect(error).toBeInstanceOf(RangeError);
    return error.message;
  }
  throw new Error("nothing was thrown");
}
