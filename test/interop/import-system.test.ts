/** Headers of the system through shmgen import: every struct comes, and every offset is gcc's. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMPILERS, compileProgram, withoutCompilers } from "../support/c/gcc.js";
import { assertions, roundTrip, withoutClang } from "../support/c/imported.js";

/** Each with the package that has it, some of its structs, and how many it declares at least, with those that it includes. */
const HEADERS = [
  {
    header: "elf.h",
    package: "libc6-dev",
    structs: ["Elf64_Ehdr", "Elf64_Sym", "Elf32_Phdr", "Elf64_auxv_t"],
    least: 35,
  },
  { header: "utmp.h", package: "libc6-dev", structs: ["utmp", "lastlog"], least: 5 },
  {
    header: "linux/perf_event.h",
    package: "linux-libc-dev",
    structs: ["perf_event_attr", "perf_event_mmap_page"],
    least: 7,
  },
  { header: "linux/input.h", package: "linux-libc-dev", structs: ["input_event", "ff_effect"], least: 15 },
  { header: "linux/videodev2.h", package: "linux-libc-dev", structs: ["v4l2_buffer", "v4l2_format"], least: 80 },
  { header: "linux/io_uring.h", package: "linux-libc-dev", structs: ["io_uring_sqe", "io_uring_params"], least: 20 },
  { header: "sqlite3.h", package: "libsqlite3-dev", structs: ["sqlite3_vfs", "sqlite3_module"], least: 15 },
  { header: "lmdb.h", package: "liblmdb-dev", structs: ["MDB_val", "MDB_stat", "MDB_envinfo"], least: 3 },
] as const;

const [gcc] = COMPILERS;

describe.skipIf(withoutClang !== undefined || withoutCompilers !== undefined)("headers of the system", () => {
  for (const { header, package: name, structs, least } of HEADERS) {
    const isThere = existsSync(join("/usr/include", header));
    if (!isThere) console.warn(`${header} is skipped: it is missing; on Debian: apt-get install ${name}`);
    it.skipIf(!isThere)(`${header}: every struct comes, and every offset is gcc's`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "shmgen-import-"));
      try {
        const round = await roundTrip("system", { headers: [`<${header}>`], cwd: folder, only: ["*"] });
        const { declarations, notes } = round.imported;
        const spellings = new Map(declarations.map((one) => [one.name, one.spelling]));
        const asserted = assertions(round, (struct) => spellings.get(struct));
        expect([...spellings.keys()]).toEqual(expect.arrayContaining([...structs]));
        expect(declarations.filter(({ layout }) => layout !== undefined).length).toBeGreaterThanOrEqual(least);
        writeFileSync(join(folder, "original.c"), `#include <${header}>\n${asserted}`);
        writeFileSync(join(folder, "generated.c"), round.header);
        if (gcc === undefined) throw new Error("there is a compiler");
        compileProgram(gcc, { folder, source: "original.c", flags: ["-std=gnu11"] });
        compileProgram(gcc, { folder, source: "generated.c", flags: ["-std=gnu11"] });
        const lost = notes.filter(
          ({ text }) => text.endsWith("is left out") && !/flexible|has the value of/.test(text),
        );
        expect(lost).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
