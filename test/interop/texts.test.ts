/** Texts that a C program writes with its own types, in a packed struct, as another program's pages have them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { COMPILERS, compileProgram, runProgram, STRICT_FLAGS, withoutCompilers } from "../support/c/gcc.js";
import { generateModule } from "../support/containers/generated-module.js";
import { regionDirectory } from "../support/processes/processes.js";
import type { Anything } from "../support/schemas/contents.js";
import { shmgen } from "../cli/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "shmgen-texts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAGE = `
import type { Foreign, Packed, array, be, expect, latin1, u8, utf16, utf32 } from "@shmgen/schema";
export interface Page extends Foreign, Packed {
  version: u8;
  magic: expect<utf16<4>, "Pg\u00fc" | "Pg\u6771\u4eac">;
  driver: utf16<9>;
  cars: array<utf16<3>, 2>;
  place: utf32<5>;
  old: expect<latin1<6>, "\u20acuro">;
  wire: be<utf16<3>>;
}`;

/** The struct as somebody would write it by hand. */
const WRITER = `
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#ifndef __cplusplus
#include <uchar.h>
#endif
#include <wchar.h>
#pragma pack(push, 1)
struct page { uint8_t version; char16_t magic[4]; char16_t driver[9]; char16_t cars[2][3]; wchar_t place[5]; char old[6]; uint8_t wire[6]; };
#pragma pack(pop)
int main(void) {
  struct page page;
  memset(&page, 0, sizeof page);
  page.version = 255;
  memcpy(page.magic, u"Pg\\u00fc", 8);
  memcpy(page.driver, u"Jos\\u00e9 \\U0001F3C1 \\u6771", 18);
  memcpy(page.cars[1], u"GT3", 6);
  memcpy(page.place, L"Z\\u00fcri", 20);
  memcpy(page.old, "\\x80uro", 5);
  memcpy(page.wire, "\\x53\\x17\\x4e\\xac\\xd8\\x00", 6);
  return fwrite(&page, sizeof page, 1, stdout) == 1 ? 0 : 1;
}
`;

/** Says what the generated header finds in a file. */
const CHECKER = `
#include "page.h"
#include <stdio.h>
int main(int count, char **arguments) {
  Page page;
  FILE *file = count > 1 ? fopen(arguments[1], "rb") : NULL;
  if (file == NULL || fread(&page, sizeof page, 1, file) != 1) return 1;
  const char *unexpected = Page_unexpected(&page);
  printf("%s", unexpected == NULL ? "as expected" : unexpected);
  return 0;
}
`;

describe.skipIf(withoutCompilers !== undefined)("texts of a C program", () => {
  const url = generateModule("page", PAGE, "js,c");
  const generated = fileURLToPath(new URL(".", url));
  const path = join(folder, "page.bin");

  it.each(COMPILERS)("of $name are read where they lie, and unpaired halves as U+FFFD", async (compiler) => {
    const source = `writer.${compiler.extension}`;
    writeFileSync(join(folder, source), WRITER);
    compileProgram(compiler, { folder, source, program: "writer" });
    writeFileSync(join(folder, "run.sh"), '#!/bin/sh\n"$(dirname "$0")/writer" > "$1"\n', { mode: 0o755 });
    runProgram(folder, "run.sh", [path]);
    const { Page } = (await import(url)) as Anything;
    using region = Page.attach(path);
    expect(region.data.toJSON()).toEqual({
      version: 255,
      magic: "Pgü",
      driver: "José 🏁 東",
      cars: ["", "GT3"],
      place: "Züri",
      old: "€uro",
      wire: "北京\ufffd",
    });
  });

  it.each(COMPILERS)("are compared by their bytes, by the header of $name as well", async (compiler) => {
    const source = `checker.${compiler.extension}`;
    writeFileSync(join(folder, source), CHECKER);
    const flags = [...STRICT_FLAGS, `-I${generated}`];
    compileProgram(compiler, { folder, source, program: "checker", flags });
    const { Page } = (await import(url)) as Anything;
    const page = readFileSync(path);
    const outcome = (change: (bytes: Buffer) => void): readonly [string, string] => {
      const changed = Buffer.from(page);
      change(changed);
      const file = join(folder, "changed.bin");
      writeFileSync(file, changed);
      let message = "as expected";
      try {
        Page.attach(file).close();
      } catch (error) {
        message = (error as Error).message;
      }
      return [runProgram(folder, "checker", [file]), message];
    };
    const magic = 1;
    const old = 1 + 8 + 18 + 12 + 20;
    expect(outcome(() => {})).toEqual(["as expected", "as expected"]);
    // What stands behind the NUL is of no moment.
    expect(outcome((bytes) => bytes.write("xy", old + 5, "latin1"))[0]).toBe("as expected");
    expect(outcome((bytes) => bytes.write("Pg東京", magic, "utf16le"))).toEqual(["as expected", "as expected"]);
    expect(outcome((bytes) => bytes.write("Pgu", magic, "utf16le"))).toEqual([
      "Page.magic",
      expect.stringContaining('expected="Pgü or Pg東京" found=Pgu '),
    ]);
    expect(outcome((bytes) => bytes.write("Pgüü", magic, "utf16le"))[0]).toBe("Page.magic");
    expect(outcome((bytes) => bytes.fill(0x81, old, old + 1))).toEqual([
      "Page.old",
      expect.stringMatching(/old.*\u0081|old.*81/s),
    ]);
  });
});

const MAGICS = `
import type { Foreign, Packed, array, be, bytes, expect, u8, utf16, utf32, utf8 } from "@shmgen/schema";
export interface Magics extends Foreign, Packed {
  first: u8;
  mark: expect<bytes<8>, "89 50 4e 47 0d 0a 1a 0a" | "00000000000000ff">;
  chunks: array<expectless, 1>;
  name: expect<utf8<4>, "\u00fc\u00fc">;
  wide: expect<be<utf16<2>>, "\u6771\u4eac">;
  wider: expect<utf32<2>, "\u{1f3c1}">;
}
export interface expectless { id: expect<bytes<2>, "3f22"> }`;

describe.skipIf(withoutCompilers !== undefined)("bytes and texts that are expected", () => {
  it("are compared byte by byte, by attach, by C and by inspect, and messages have them as they are written", async () => {
    const url = generateModule("magics", MAGICS, "js,c");
    const generated = fileURLToPath(new URL(".", url));
    writeFileSync(join(folder, "checker.c"), CHECKER.replaceAll("page.h", "magics.h").replaceAll("Page", "Magics"));
    for (const compiler of COMPILERS) {
      const flags = [...STRICT_FLAGS, `-I${generated}`];
      compileProgram(compiler, { folder, source: "checker.c", program: `magics-${compiler.command}`, flags });
    }
    const { Magics } = (await import(url)) as Anything;
    const good = Buffer.concat([
      Buffer.from([7, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x3f, 0x22]),
      Buffer.from("üü", "utf8"),
      Buffer.from("東京", "utf16le").swap16(),
      Buffer.from([0xc1, 0xf3, 1, 0, 0, 0, 0, 0]),
    ]);
    expect(good.length).toBe(Magics.layout.size);
    const file = join(folder, "magics.bin");
    const schema = fileURLToPath(new URL("../magics.shm.ts#Magics", url)).replace("%23", "#");
    /** What each of them finds: the field, or nothing. */
    const outcome = (bytes: Buffer): readonly string[] => {
      writeFileSync(file, bytes);
      let attached = "as expected";
      try {
        Magics.attach(file).close();
      } catch (error) {
        attached = (error as Error).message;
      }
      const seen = shmgen(["inspect", file, "--schema", schema]);
      return [...COMPILERS.map(({ command }) => runProgram(folder, `magics-${command}`, [file])), attached, seen.out];
    };
    expect(outcome(good)).toEqual([
      "as expected",
      "as expected",
      "as expected",
      expect.not.stringContaining("expected"),
    ]);
    const other = Buffer.from(good);
    other.set([0, 0, 0, 0, 0, 0, 0, 0xff], 1);
    expect(outcome(other).slice(0, 3)).toEqual(["as expected", "as expected", "as expected"]);
    const sides: readonly (readonly [number, string])[] = [
      [1, "mark"],
      [8, "mark"],
      [9, "chunks"],
      [11, "name"],
      [16, "wide"],
      [20, "wider"],
      [23, "wider"],
    ];
    for (const [at, field] of sides) {
      const wrong = Buffer.from(good);
      wrong[at] = (wrong[at] as number) ^ 0x10;
      const [c, cpp, attached, seen] = outcome(wrong);
      const named = field === "chunks" ? "expectless.id" : `Magics.${field}`;
      expect([c, cpp], field).toEqual([named, named]);
      expect(attached).toContain(`field=${field}`);
      expect(seen).toMatch(new RegExp(`${field}.* was expected`));
    }
    const wrong = Buffer.from(good).fill(0, 1, 9);
    expect(outcome(wrong)[2]).toContain('expected="89504e470d0a1a0a or 00000000000000ff" found=0000000000000000');
    expect(outcome(wrong)[3]).toContain(
      'mark is 00 00 00 00 00 00 00 00, and "89504e470d0a1a0a" or "00000000000000ff" was expected',
    );
  });
});

describe("shmgen inspect", () => {
  it("shows texts of every encoding, without anything that a terminal obeys, and cut between characters", async () => {
    const schema = `
import type { Region, array, be, latin1, utf16, utf32 } from "@shmgen/schema";
export interface Wide extends Region<{ type: 9; version: 1 }> {
  name: utf16<8>; wire: be<utf16<8>>; place: utf32<4>; old: latin1<8>; many: array<latin1<2>, 2>; long: utf16<1000>;
}`;
    const { Wide } = (await import(generateModule("wide", schema))) as Anything;
    const directory = regionDirectory();
    using region = Wide.createOrOpen("wide", { directory });
    region.data.name = 'a\u001b[31m"';
    region.data.wire = "北\u202e京";
    region.data.place = "🏁\u0007";
    region.data.old = "€\u009d0;";
    region.data.long = `x${"😀".repeat(400)}`;
    const text = shmgen(["inspect", "wide", "--directory", directory]);
    expect(text.code, text.err).toBe(0);
    expect(text.out).toContain('name = "a\\u001b[31m\\""');
    expect(text.out).toContain('wire = "北\\u202e京"');
    expect(text.out).toContain('place = "🏁\\u0007"');
    expect(text.out).toContain('old = "€\\u009d0;"');
    expect(text.out).toContain(`long = "x${"😀".repeat(255)}" ... 976 more bytes`);
    const { out } = shmgen(["inspect", "wide", "--directory", directory, "--json", "--all"]);
    expect(out).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    const wanted = { name: 'a\u001b[31m"', wire: "北\u202e京", old: "€\u009d0;", long: region.data.long as string };
    expect(JSON.parse(out)).toMatchObject({ values: wanted });
  });
});
