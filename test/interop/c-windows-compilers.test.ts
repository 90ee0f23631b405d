/** What compilers for Windows make of shm-region.h and of all that is generated for the examples: not one warning. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { STRICT_FLAGS, inTemporaryFolder, withoutWindowsCompilers, writeFiles } from "../support/c/gcc.js";

const root = join(import.meta.dirname, "../..");
const headers = readdirSync(join(root, "examples"), { recursive: true, encoding: "utf8" }).filter(
  (path) => /^[^/]+\/generated\/[^/]+\.h$/.test(path) && !path.endsWith("/shm-region.h"),
);

/** Those whose code asks the system for something, and one more. */
const calling = headers.filter((path) => /telemetry\.h$|SHMGEN_C_CONTAINERS/.test(path + textOf(path)));

function textOf(header: string): string {
  return readFileSync(join(root, "examples", header), "utf8");
}

/** A program may include windows.h before, after, or not at all. */
const INCLUDES = [
  ["", ""],
  ["", "#include <windows.h>\n"],
  ["#include <windows.h>\n", ""],
] as const;

function compileAll(command: string, args: readonly string[], source: string, files = calling): void {
  inTemporaryFolder((folder) => {
    for (const [at, header] of files.entries()) {
      const [before, after] = INCLUDES[at % INCLUDES.length] ?? ["", ""];
      writeFiles(folder, {
        [source]: `${before}#include "${join(root, "examples", header)}"
#ifdef SHMGEN_REGION_FORMAT
#include "shm-region.h"
#endif
${after}`,
      });
      const flags = [...args, ...STRICT_FLAGS, "-I", join(root, "generator/c-runtime"), "-fsyntax-only"];
      const { status, stderr } = spawnSync(command, [...flags, source], { cwd: folder, encoding: "utf8" });
      expect({ header, status, stderr }).toEqual({ header, status: 0, stderr: "" });
    }
  });
}

/** With MinGW's headers, whose attributes are those of GCC: clang says here that it is one. */
const MSVC = "-target x86_64-pc-windows-msvc -fgnuc-version=4.2.1 -isystem /usr/x86_64-w64-mingw32/include".split(" ");

describe.skipIf(withoutWindowsCompilers !== undefined)(
  `headers that call Windows compile without a warning ${withoutWindowsCompilers ?? ""}`,
  () => {
    it(
      "by MinGW as C11, as do all others",
      () => compileAll("x86_64-w64-mingw32-gcc", ["-std=c11"], "all.c", headers),
      120_000,
    );
    it("by MinGW as C++17", () => compileAll("x86_64-w64-mingw32-g++", ["-std=c++17"], "all.cpp"), 120_000);
    it("by clang as C11", () => compileAll("clang", ["-std=c11", ...MSVC], "all.c"), 120_000);
    it("by clang as C++17", () => compileAll("clang", ["-x", "c++", "-std=c++17", ...MSVC], "all.cpp"), 120_000);
  },
);
