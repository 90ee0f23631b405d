/** What runtime/os/darwin takes macOS to be, held against Apple's own headers by a compiler for both processors. Nothing of it runs here. */
import { afterAll, describe, expect, it } from "vitest";
import {
  PROCESSORS,
  TABLES,
  assertionsOf,
  compileFor,
  removeCache,
  rowsOf,
  symbolsFor,
  withoutZig,
} from "../support/c/apple-headers.js";

const skipped = withoutZig === undefined ? "" : ` (skipped: ${withoutZig})`;

afterAll(removeCache);

describe.each(PROCESSORS)(`macOS on $arch by Apple's headers${skipped}`, ({ target, arch }) => {
  it.skipIf(withoutZig !== undefined)("has every number, offset and prototype that the runtime uses", () => {
    expect(rowsOf(TABLES)).toBeGreaterThan(100);
    expect(compileFor(target, assertionsOf(TABLES))).toBe("");
  });

  it.skipIf(withoutZig !== undefined)("has every function under the name by which it is called", () => {
    expect(compileFor(target, symbolsFor(arch), true)).toBe("");
  });

  it.skipIf(withoutZig !== undefined)("refuses a number, an offset, a type and a name that it has not", () => {
    const { numbers, structs, calls } = TABLES;
    const flock = { ...structs["struct flock"], l_type: 22 };
    const mutants = [
      { what: "MAP_ANON is not 32", tables: { ...TABLES, numbers: { ...numbers, MAP_ANON: 0x20 } } },
      { what: "l_type is not at 22", tables: { ...TABLES, structs: { ...structs, "struct flock": flock } } },
      {
        what: "conflicting types",
        tables: { ...TABLES, calls: [...calls, ["flock", "int", ["int", "long"]] as const] },
      },
    ];
    for (const { what, tables } of mutants) expect(compileFor(target, assertionsOf(tables))).toContain(what);
    const source = symbolsFor(arch).replace("_os_sync_wake_by_address_any", "_os_sync_wake_by_nobody");
    expect(compileFor(target, source, true)).toContain("os_sync_wake_by_nobody");
  });
});
