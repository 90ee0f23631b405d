/** Compiles C with the machine's own compilers. Where they are missing, tests are skipped and say what to install. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** How a header of ours is compiled: what issue and users ask of it. */
export const STRICT_FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion"] as const;

/** A compiler with the language it is asked for. */
export interface Compiler {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly extension: string;
  /** Command that runs its programs, which are another processor's. */
  readonly emulator?: string;
}

export const COMPILERS: readonly Compiler[] = [
  { name: "gcc -std=c11", command: "gcc", args: ["-std=c11", "-x", "c"], extension: "c" },
  { name: "g++ -std=c++17", command: "g++", args: ["-std=c++17", "-x", "c++"], extension: "cpp" },
];

/** Of another processor. Its programs have all libraries in them. */
export const ARM64: Compiler & { readonly emulator: string } = {
  name: "aarch64-linux-gnu-gcc -std=c11",
  command: "aarch64-linux-gnu-gcc",
  args: ["-std=c11", "-static", "-x", "c"],
  extension: "arm64",
  emulator: "qemu-aarch64-static",
};

/** For Windows: MinGW with its own rules for bit-fields, those of Microsoft, and clang as a Microsoft compiler, without an SDK's headers. */
export const WINDOWS: readonly Compiler[] = [
  {
    name: "x86_64-w64-mingw32-gcc -std=c11",
    command: "x86_64-w64-mingw32-gcc",
    args: ["-std=c11", "-x", "c"],
    extension: "c",
  },
  {
    name: "x86_64-w64-mingw32-g++ -std=c++17",
    command: "x86_64-w64-mingw32-g++",
    args: ["-std=c++17", "-x", "c++"],
    extension: "cpp",
  },
  {
    name: "clang --target=x86_64-pc-windows-msvc -std=c11",
    command: "clang",
    args: ["--target=x86_64-pc-windows-msvc", "-ffreestanding", "-std=c11", "-x", "c"],
    extension: "c",
  },
  {
    name: "clang --target=x86_64-pc-windows-msvc -std=c++17",
    command: "clang",
    args: ["--target=x86_64-pc-windows-msvc", "-ffreestanding", "-std=c++17", "-x", "c++"],
    extension: "cpp",
  },
];

const isMissing = (command: string): boolean => spawnSync(command, ["--version"]).status !== 0;
/** Compilers of the list that this machine lacks. */
const missing = COMPILERS.filter(({ command }) => isMissing(command));
const missingForArm64 = [ARM64.command, ARM64.emulator].filter(isMissing);

/** Why tests of C on arm64 are skipped; undefined when they can run. */
export const withoutArm64: string | undefined =
  missingForArm64.length === 0
    ? undefined
    : `${missingForArm64.join(" and ")} missing; on Debian: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static`;

/** Those of this machine, and where it can be emulated, of another processor: for what has to be the same on both. */
export const ALL_COMPILERS: readonly Compiler[] = [...COMPILERS, ...(withoutArm64 === undefined ? [ARM64] : [])];

const missingForWindows = [...new Set(WINDOWS.map(({ command }) => command))].filter(isMissing);

/** Why tests with compilers for Windows are skipped; undefined when they can run. */
export const withoutWindowsCompilers: string | undefined =
  missingForWindows.length > 0
    ? `${missingForWindows.join(" and ")} missing; on Debian: apt-get install gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 clang`
    : undefined;

if (withoutWindowsCompilers !== undefined)
  console.warn(`tests with compilers for Windows are skipped: ${withoutWindowsCompilers}`);

/** Why tests with C compilers are skipped; undefined when they can run. */
export const withoutCompilers: string | undefined =
  missing.length === 0
    ? undefined
    : `${missing.map(({ command }) => command).join(" and ")} missing; on Debian: apt-get install gcc g++ libc6-dev`;

if (withoutCompilers !== undefined) console.warn(`tests with C compilers are skipped: ${withoutCompilers}`);
if (withoutArm64 !== undefined) console.warn(`tests of C on arm64 are skipped: ${withoutArm64}`);

/** A folder that is gone after `use`, also when it throws. */
export function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-c-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes text files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/**
 * Compiles one source file of a folder into `program`, which is a script where an emulator has to run it.
 * @throws Error with what the compiler said, and its first source lines, when it refuses.
 */
export function compileProgram(
  compiler: Compiler,
  options: {
    readonly folder: string;
    readonly source: string;
    readonly program?: string;
    readonly flags?: readonly string[];
  },
): void {
  const { folder, source, program, flags = [] } = options;
  const { emulator } = compiler;
  const binary = emulator === undefined || program === undefined ? program : `${program}.binary`;
  const output = binary === undefined ? ["-fsyntax-only"] : ["-o", binary];
  const args = [...compiler.args, ...flags, source, ...output];
  const run = spawnSync(compiler.command, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0)
    throw new Error(`${compiler.name} ${flags.join(" ")} refused ${source}:\n${run.stderr.slice(0, 4000)}`);
  if (emulator === undefined || program === undefined) return;
  const text = `#!/bin/sh\nexec ${emulator} "${resolve(folder, `${program}.binary`)}" "$@"\n`;
  writeFileSync(resolve(folder, program), text, { mode: 0o755 });
}

/** Runs a program of a folder and returns what it printed. */
export function runProgram(folder: string, program: string, args: readonly string[] = []): string {
  const run = spawnSync(join(folder, program), args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0)
    throw new Error(`${program} ended with ${run.status ?? run.signal}: ${run.stderr.slice(0, 2000)}`);
  return run.stdout;
}
