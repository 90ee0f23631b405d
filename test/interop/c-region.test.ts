import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c } from "../../schema/dist/crc32c.js";
import { CRC_COVERS, HEADER_OFFSET, HEADER_SIZE, STATE } from "../../schema/dist/region-format.js";
import {
  ALL_COMPILERS,
  compileProgram,
  runProgram,
  STRICT_FLAGS,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { compileSchema, importSchema } from "../support/schemas/generated.js";

const SCHEMA = `import type { Foreign, Region, array, atomic, be, bytes, expect, f32, f64, tail, u8, u16, u32, u64, utf8, bool, Packed } from "@shmgen/schema";
export interface Log extends Region<{ type: 0xfffffffe; version: 5; readableFrom: 4 }> {
  count: atomic<u64>;
  load: atomic<f32>;
  samples: tail<Sample>;
}
export interface Sample { at: u64; value: f64 }
export interface Legacy extends Region<{ type: 7; version: 2; header: "dotnet" }> { value: u64; marks: array<u8, 3> }
export interface Index extends Foreign {
  magic: expect<utf8<6>, "SQL\\u00e9 ">;
  version: expect<be<u16>, 3007 | 3008>;
  order: expect<u64, 18446744073709551615n>;
  ratio: expect<f32, 0.5>;
  open: expect<bool, true>;
  parts: array<array<Part, 2>, 2>;
  heads: Heads;
}
export interface Part { kind: expect<atomic<u32>, 4294967295> }
export interface Heads extends Packed { tag: u8; inner: array<Inner, 2> }
export interface Inner { sign: expect<u16, 9> }
`;

/** Prints the result of the validate function that is asked for, and what a valid region contains. */
const PROGRAM = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "schema.h"
int main(int count, char **arguments) {
  static unsigned char memory[65536] SHMGEN_ALIGNED(4096);
  FILE *file = count == 3 ? fopen(arguments[2], "rb") : NULL;
  size_t size;
  if (file == NULL) return 2;
  size = fread(memory, 1, sizeof memory, file);
  fclose(file);
  if (strcmp(arguments[1], "Log") == 0) {
    const int result = Log_validate(memory, size);
    printf("%d", result);
    if (result == SHMGEN_OK) {
      const Log *log = Log_view(memory);
      const uint64_t length = Log_tail_length(memory);
      printf(" count=%llu load=%g length=%llu", (unsigned long long)Log_count_load(log), (double)Log_load_load(log), (unsigned long long)length);
      for (uint64_t at = 0; at < length; at += 1) printf(" %llu:%g", (unsigned long long)Log_samples_view(log)[at].at, Log_samples_view(log)[at].value);
    }
  } else if (strcmp(arguments[1], "Legacy") == 0) {
    const int result = Legacy_validate(memory, size);
    printf("%d", result);
    if (result == SHMGEN_OK) printf(" value=%llu", (unsigned long long)Legacy_view(memory)->value);
  } else {
    const int result = Index_validate(memory, size);
    printf("%d", result);
    if (result == SHMGEN_E_UNEXPECTED) printf(" %s", Index_unexpected(Index_view(memory)));
  }
  return 0;
}
`;

type LogModule = {
  Log: {
    create(name: string, options: object): { data: Record<string, unknown>; path: string; close(): void };
  };
};

describe.skipIf(withoutCompilers !== undefined).each(ALL_COMPILERS)(
  `regions seen by $name ${withoutCompilers ?? ""}`,
  (compiler) => {
    let folder = "";
    /** Bytes of a region that the runtime has made. */
    let region = new Uint8Array();

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "shmgen-region-"));
      const { files, diagnostics } = await compileSchema({ "schema.shm.ts": SCHEMA }, ["c"]);
      expect(diagnostics).toEqual([]);
      writeFiles(folder, { "main.c": PROGRAM, ...Object.fromEntries(files.map(({ path, text }) => [path, text])) });
      compileProgram(compiler, { folder, source: "main.c", program: "main", flags: [...STRICT_FLAGS, "-O2"] });
      const { Log } = await importSchema<LogModule>({ "schema.shm.ts": SCHEMA }, "schema.shm.ts");
      const directory = mkdtempSync("/dev/shm/shmgen-c-region-");
      try {
        const open = Log.create("log", { directory, tailLength: 3, allowUntrustedFileSystem: true });
        const samples = [0, 1, 2].map((at) => ({ at: BigInt(at), value: at / 2 }));
        Object.assign(open.data, { count: 12345678901234567890n, load: 0.25, samples });
        region = Uint8Array.from(readFileSync(open.path));
        open.close();
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function ask(struct: string, bytes: Uint8Array): string {
      const path = join(folder, "memory");
      writeFileSync(path, bytes);
      return runProgram(folder, "main", [struct, path]);
    }

    /** The region with one header field changed; the checksum is made right unless it is what is changed. */
    function changed(field: keyof typeof HEADER_OFFSET, value: number | bigint, size: 1 | 2 | 4 | 8): Uint8Array {
      const bytes = Uint8Array.from(region);
      const view = new DataView(bytes.buffer);
      if (size === 1) view.setUint8(HEADER_OFFSET[field], Number(value));
      if (size === 2) view.setUint16(HEADER_OFFSET[field], Number(value), true);
      if (size === 4) view.setUint32(HEADER_OFFSET[field], Number(value), true);
      if (size === 8) view.setBigUint64(HEADER_OFFSET[field], BigInt(value), true);
      if (field !== "crc") view.setUint32(HEADER_OFFSET.crc, crc32c(bytes.subarray(0, CRC_COVERS)), true);
      return bytes;
    }

    it("reads what the runtime has written, tail included", () => {
      expect(ask("Log", region)).toBe("0 count=12345678901234567890 load=0.25 length=3 0:0 1:0.5 2:1");
    });

    it("tells every reason why a region is none of ours, by its number", () => {
      expect(ask("Log", region.subarray(0, HEADER_SIZE - 1))).toBe("1");
      expect(ask("Log", region.subarray(0, HEADER_SIZE + 8))).toBe("1");
      expect(ask("Log", region.subarray(0, HEADER_SIZE + 16 + 47))).toBe("1");
      expect(ask("Log", changed("tailLength", 1n << 60n, 8))).toBe("1");
      expect(ask("Log", changed("magic", 0x50, 1))).toBe("2");
      expect(ask("Log", new TextEncoder().encode("something else".repeat(20)))).toBe("2");
      expect(ask("Log", changed("byteOrderMark", 0xfffe, 2))).toBe("3");
      expect(ask("Log", changed("headerSize", 64, 2))).toBe("3");
      expect(ask("Log", changed("state", STATE.initialising, 4))).toBe("4");
      expect(ask("Log", new Uint8Array(4096))).toBe("4");
      expect(ask("Log", changed("crc", 1, 4))).toBe("5");
      expect(ask("Log", changed("typeId", 1, 4))).toBe("6");
      expect(ask("Log", changed("version", 4, 4))).toBe("7");
      expect(ask("Log", changed("readableFrom", 6, 4))).toBe("7");
      expect(ask("Log", changed("fingerprint", 1n, 8))).toBe("8");
      expect(ask("Log", changed("payloadSize", 8n, 8))).toBe("8");
      expect(ask("Log", changed("tailStride", 8, 4))).toBe("8");
    });

    it("takes a later version that it may read, though its layout is another", () => {
      const later = changed("version", 6, 4);
      const view = new DataView(later.buffer);
      view.setBigUint64(HEADER_OFFSET.fingerprint, 1n, true);
      view.setUint32(HEADER_OFFSET.crc, crc32c(later.subarray(0, CRC_COVERS)), true);
      expect(ask("Log", later)).toMatch(/^0 count=12345678901234567890 /);
    });

    it("has a result for every byte of the header turned around", () => {
      const bytes = Uint8Array.from(region);
      for (let at = 0; at < HEADER_SIZE; at += 1) {
        bytes.set(region);
        bytes[at] = (bytes[at] as number) ^ 0xff;
        expect(ask("Log", bytes)).toMatch(/^[0-9]/);
      }
    });

    it("checks type, version and size of a dotnet region", () => {
      const bytes = new Uint8Array(8 + 16);
      bytes.set([7, 2, 0, 0, 0, 0, 0, 0, 42]);
      expect(ask("Legacy", bytes)).toBe("0 value=42");
      expect(ask("Legacy", bytes.subarray(0, 23))).toBe("1");
      expect(
        ask(
          "Legacy",
          Uint8Array.from(bytes, (byte, at) => (at === 0 ? 8 : byte)),
        ),
      ).toBe("6");
      expect(
        ask(
          "Legacy",
          Uint8Array.from(bytes, (byte, at) => (at === 1 ? 3 : byte)),
        ),
      ).toBe("7");
    });

    it("names the field of foreign memory that is not as expected", () => {
      const good = new Uint8Array(48);
      const view = new DataView(good.buffer);
      good.set(new TextEncoder().encode("SQLé "));
      view.setUint16(6, 3008, false);
      view.setBigUint64(8, 0xffffffffffffffffn, true);
      view.setFloat32(16, 0.5, true);
      good[20] = 255;
      for (const at of [24, 28, 32, 36]) view.setUint32(at, 0xffffffff, true);
      good.set([1, 9, 0, 9, 0], 40);
      expect(ask("Index", good)).toBe("0");
      expect(ask("Index", good.subarray(0, 47))).toBe("1");
      const wrong = (at: number): string =>
        ask(
          "Index",
          Uint8Array.from(good, (byte, index) => (index === at ? byte ^ 64 : byte)),
        );
      expect(wrong(0)).toBe("9 Index.magic");
      expect(wrong(5)).toBe("9 Index.magic");
      expect(wrong(6)).toBe("9 Index.version");
      expect(wrong(15)).toBe("9 Index.order");
      expect(wrong(19)).toBe("9 Index.ratio");
      expect(wrong(36)).toBe("9 Part.kind");
      expect(wrong(43)).toBe("9 Inner.sign");
      expect(
        ask(
          "Index",
          Uint8Array.from(good, (byte, index) => (index === 20 ? 0 : byte)),
        ),
      ).toBe("9 Index.open");
    });
  },
);
