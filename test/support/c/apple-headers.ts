/**
 * What runtime/os takes Apple's headers to say, as C that compiles where they do: from the tables that the runtime itself reads. zig brings the headers
 * of macOS; SHMGEN_TEST_ZIG names its program, which .ci/run installs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as apple from "../../../runtime/dist/runtime/os/darwin/headers.js";
import { symbolOf } from "../../../runtime/dist/runtime/os/darwin/libc.js";
import {
  C_TYPES,
  COMMON,
  type CType,
  DESCRIPTORS,
  LIBC,
  type Prototype,
} from "../../../runtime/dist/runtime/os/posix/prototypes.js";

/** What zig builds of its own libraries before it links takes 20 s, and is the same for all. */
const cache = mkdtempSync(join(tmpdir(), "shmgen-zig-"));

export function removeCache(): void {
  rmSync(cache, { recursive: true, force: true });
}

const zig = process.env["SHMGEN_TEST_ZIG"];

export const withoutZig = zig === undefined ? "SHMGEN_TEST_ZIG names no zig with headers of macOS 15" : undefined;

export const PROCESSORS = [
  { target: "aarch64-macos", arch: "arm64" },
  { target: "x86_64-macos", arch: "x64" },
] as const;

const HEADERS = [
  "fcntl.h",
  "grp.h",
  "libproc.h",
  "pthread.h",
  "pwd.h",
  "stddef.h",
  "stdint.h",
  "stdio.h",
  "sys/file.h",
  "sys/mman.h",
  "sys/mount.h",
  "sys/param.h",
  "sys/proc.h",
  "sys/proc_info.h",
  "sys/stat.h",
  "sys/sysctl.h",
  "unistd.h",
];

/** Bytes of what koffi passes for each type. */
const SIZES: Readonly<Record<string, number>> = {
  int: 4,
  uint32_t: 4,
  long: 8,
  int64_t: 8,
  uint64_t: 8,
  size_t: 8,
  "void *": 8,
  str: 8,
};

/** Those that no header of the SDK at hand declares; the library has to have them. */
const WITHOUT_HEADER: readonly Prototype[] = [...Object.values(apple.SYNC_CALLS), ...Object.values(apple.ULOCK_CALLS)];
const CALLS: readonly Prototype[] = [
  ...Object.values(LIBC),
  ...Object.values(DESCRIPTORS),
  ...Object.values(apple.CALLS),
];

export interface Tables {
  readonly numbers: Readonly<Record<string, number>>;
  readonly structs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly calls: readonly Prototype[];
}

export const TABLES: Tables = { numbers: { ...COMMON, ...apple.NUMBERS }, structs: apple.STRUCTS, calls: CALLS };

/** How many rows of the tables the source has. */
export function rowsOf({ numbers, structs, calls }: Tables): number {
  const members = Object.values(structs).flatMap((members) => Object.keys(members));
  return Object.keys(numbers).length + members.length + calls.length;
}

/** Asserts each number, size and offset, and declares each function again, which has to be what the header declares. */
export function assertionsOf({ numbers, structs, calls }: Tables): string {
  const types = new Set(calls.flatMap(([, result, takes]) => [result, ...takes]).filter((type) => type !== "void"));
  return [
    ...HEADERS.map((header) => `#include <${header}>`),
    '_Static_assert(-1 == (char)-1 || 1, "C11");',
    ...Object.entries(numbers).map(
      ([name, value]) => `_Static_assert(${name} == ${value}, "${name} is not ${value}");`,
    ),
    ...Object.entries(structs).flatMap(([name, members]) =>
      Object.entries(members).map(([member, value]) =>
        member === "size"
          ? `_Static_assert(sizeof(${name}) == ${value}, "${name} has not ${value} bytes");`
          : `_Static_assert(offsetof(${name}, ${member}) == ${value}, "${name}.${member} is not at ${value}");`,
      ),
    ),
    ...[...types].map(sizeOfType),
    ...calls.map(declared),
    "",
  ].join("\n");
}

/** What is smaller than a register's half is widened by who calls. */
function sizeOfType(type: CType): string {
  const size = SIZES[C_TYPES[type]] ?? Number.NaN;
  const fits = type === "mode_t" ? "<=" : "==";
  return `_Static_assert(sizeof(${inC(type)}) ${fits} ${size}, "${type} has not ${size} bytes");`;
}

const inC = (type: CType): string => (type === "address" ? "void *" : type);

function declared([name, result, takes, variadic]: Prototype): string {
  const given = [...takes.map(inC), ...(variadic === undefined ? [] : ["..."])].join(", ");
  return `extern ${inC(result)} ${name}(${given === "" ? "void" : given});`;
}

/** A program that has the address of each function by the name under which koffi looks for it. */
export function symbolsFor(arch: string): string {
  const names = [...new Set([...CALLS, ...WITHOUT_HEADER].map(([name]) => symbolOf(name, arch)))];
  return [
    ...names.map((name, index) => `extern char symbol_${index}[] __asm("_${name}");`),
    `char *const symbols[] = { ${names.map((_, index) => `symbol_${index}`).join(", ")} };`,
    "int main(void) { return symbols[0] == 0; }",
    "",
  ].join("\n");
}

/** What the compiler says; "" when it says nothing. `link`: makes a program of it, with the libraries of macOS. */
export function compileFor(target: string, source: string, link = false): string {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-apple-"));
  try {
    const file = join(folder, "headers.c");
    writeFileSync(file, source);
    const args = ["cc", "-target", target, "-std=c11", "-D_DARWIN_C_SOURCE", "-Werror", "-Wno-deprecated-declarations"];
    const mode = link ? [] : ["-c"];
    const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
    const run = spawnSync(zig ?? "zig", [...args, ...mode, file, "-o", join(folder, "out")], { encoding: "utf8", env });
    return run.status === 0 ? "" : `${run.stderr}${run.error?.message ?? ""}` || "failed";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
