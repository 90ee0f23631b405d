/** The one room of a process that is not ours: clang, called without a shell, with bounds on time and output. */
import { spawn } from "node:child_process";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";

/** A header may include half of a system; what it has in all is bounded all the same. */
const OUTPUT_MAX = 1 << 28;
const ERRORS_MAX = 1 << 20;
const TIME_MAX_MS = 120_000;
/** clang repeats what is wrong with each include above; the first lines say it. */
const LINES_SHOWN = 12;

/** What stands in for headers of Windows: the names of types. Case does not count there, so that a folder alone would not do. */
const WINDOWS_HEADERS = fileURLToPath(new URL("../../windows-headers/", import.meta.url));
const WINDOWS_ROOT = "/shmgen-windows-headers";

/** Whether a file is one of those that stand in for the headers of Windows. */
export function isStandIn(file: string): boolean {
  return file.startsWith(WINDOWS_HEADERS);
}

/** Behind all others, so that real ones are taken where there are any. */
function windowsHeaders(target: string | undefined): string[] {
  if (target === undefined || !/windows|win32|mingw/.test(target)) return [];
  return ["-idirafter", WINDOWS_ROOT, "-ivfsoverlay", `${WINDOWS_HEADERS}overlay.json`];
}

/** How a header is read. */
export interface ClangOptions {
  /** The program, by name or path. */
  readonly clang: string;
  readonly language: "c" | "c++";
  readonly standard: string | undefined;
  readonly target: string | undefined;
  /** Folders and macros, each as it was given. */
  readonly includes: readonly string[];
  readonly defines: readonly string[];
  readonly cwd: string;
}

export interface ClangRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** What is asked of clang beyond what every call has. */
interface Request {
  readonly options: ClangOptions;
  readonly args: readonly string[];
  /** The text of the file that includes the header. */
  readonly input: string;
}

const INSTALL =
  "install it (Debian, Ubuntu: apt-get install clang; Fedora: dnf install clang; macOS: xcode-select --install, or brew install llvm; " +
  "Windows: winget install LLVM.LLVM), or say where it is with --clang PATH or the variable CLANG";

/** The call, as clang takes it. */
function commandLine({ options, args }: Request): string[] {
  const { language, standard, target, includes, defines } = options;
  return [
    "-x",
    language,
    "-w",
    "-fno-color-diagnostics",
    "-ferror-limit=0",
    ...(language === "c++" ? ["-fno-access-control"] : []),
    ...(standard === undefined ? [] : [`-std=${standard}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...windowsHeaders(target),
    ...includes.map((folder) => `-I${folder}`),
    ...defines.map((define) => `-D${define}`),
    ...args,
    "-",
  ];
}

/**
 * Runs clang once.
 * @throws CommandFailure (exit code 3) where there is no clang, or it takes too long or says too much
 */
export function runClang(request: Request): Promise<ClangRun> {
  const { clang, cwd } = request.options;
  return new Promise((resolve, reject) => {
    const refuse = (message: string, hint?: string): void =>
      reject(new CommandFailure(EXIT.environment, message, hint));
    const child = spawn(clang, commandLine(request), {
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
      // Messages are shown as they are; those of another language would not be known again.
      env: { ...process.env, LC_ALL: "C" },
      windowsHide: true,
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      refuse(`${clang} took longer than ${TIME_MAX_MS / 1000} seconds`, "import a header that includes less");
    }, TIME_MAX_MS);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    let errors = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      out.push(chunk);
      if (size <= OUTPUT_MAX) return;
      child.kill("SIGKILL");
      refuse(
        `${clang} has more than ${OUTPUT_MAX >> 20} MiB to say of this header`,
        "import a header that includes less",
      );
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (errors < ERRORS_MAX) err.push(chunk);
      errors += chunk.length;
    });
    // clang may end before it has read its input, whose end is then nobody's matter.
    child.stdin.on("error", () => undefined);
    child.stdin.end(request.input);
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code === "ENOENT")
        refuse(`there is no ${isAbsolute(clang) ? clang : `'${clang}' in the PATH`}; import needs clang`, INSTALL);
      else refuse(`cannot run ${clang}: ${error.message}`, INSTALL);
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      const text = Buffer.concat(err).toString("utf8");
      if (status === null) refuse(`${clang} ended by ${signal ?? "a signal"}`);
      else resolve({ status, out: Buffer.concat(out).toString("utf8"), err: text });
    });
  });
}

/** What clang complains about, as a failure of ours, with what helps where that can be known. */
export function complaint(headers: readonly string[], { err }: ClangRun, options: ClangOptions): CommandFailure {
  const lines = err.split(/\r?\n/).filter((line) => line !== "");
  const errors = lines.filter((line) => /\b(?:fatal )?error: /.test(line));
  const more = lines.length > LINES_SHOWN ? [`... ${lines.length - LINES_SHOWN} more lines of clang`] : [];
  const missing = /fatal error: '(.*)' file not found/.exec(err)?.[1];
  const hint =
    missing !== undefined
      ? missingHint(missing, options)
      : /unknown target triple|unknown target/.test(err)
        ? "clang --print-targets lists what this clang knows; a triple is x86_64-pc-windows-msvc or aarch64-linux-gnu"
        : options.language === "c" &&
            /unknown type name '(?:class|namespace|template|using|constexpr)'|cstdint/.test(err)
          ? "this looks like C++: say --language c++"
          : "the header has to compile by itself: give what it needs with --include DIR and --define NAME=VALUE";
  const what = errors.length === 1 ? "an error" : `${errors.length} errors`;
  return usageFailure([`clang finds ${what} in ${headers.join(", ")}:`, ...lines.slice(0, LINES_SHOWN), ...more], hint);
}

function missingHint(missing: string, { target }: ClangOptions): string {
  if (target === undefined) return `say where ${missing} is with --include DIR`;
  return (
    `headers of ${target} are not on this machine: give the folder that has ${missing} with --include DIR, ` +
    "or import a copy of the header that includes nothing but <stdint.h>, <stddef.h> and <stdbool.h>, which clang has itself"
  );
}
