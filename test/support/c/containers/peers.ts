/** Programs over the containers of floor.shm.ts, in C and C++, and peers in C and Node that do what they are told. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";
import type { TargetName } from "../../../../generator/dist/emit/registry.js";
import { type Compiler, compileProgram, STRICT_FLAGS, WINDOWS } from "../gcc.js";

const sources = import.meta.dirname;
const LIBRARY = join(sources, "../../../../generator/c-runtime");
const runtimeUrl = (door: string): string =>
  pathToFileURL(createRequire(import.meta.url).resolve(`@shmgen/runtime/${door}`)).href;

/** A folder with what is generated for the schema, and the programs that were compiled over it. */
export interface Built {
  readonly folder: string;
  /** URL of the generated JavaScript, if it was among the targets. */
  readonly module: string;
  /** Compiles a program of this folder, and gives its path. */
  program(name: "peer" | "kills" | "hostile", compiler: Compiler, more?: readonly string[]): string;
  remove(): void;
}

/** `change`: what mistakes are made in the header. */
export async function build(
  targets: readonly TargetName[] = ["c"],
  change: (header: string) => string = (header) => header,
): Promise<Built> {
  const { files, diagnostics } = await compile({
    files: ["floor.shm.ts"],
    readFile: (path) => readFileSync(join(sources, path), "utf8"),
    targets,
    outputPath: () => "floor",
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const folder = mkdtempSync(join(tmpdir(), "shmgen-containers-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    const resolved = text.replaceAll(/"@shmgen\/runtime\/([a-z0-9-]+)"/g, (_, door: string) =>
      JSON.stringify(runtimeUrl(door)),
    );
    writeFileSync(join(folder, path), path.endsWith(".h") ? change(text) : resolved);
  }
  const program = (name: string, compiler: Compiler, more: readonly string[] = []): string => {
    const output = join(folder, `${name}-${compiler.extension}`);
    // Bound at the start, so that the instructions of an operation are its own.
    const bound = WINDOWS.includes(compiler) ? [] : ["-Wl,-z,now"];
    const flags = [...STRICT_FLAGS, "-O2", ...bound, "-I", folder, "-I", sources, "-I", LIBRARY, ...more];
    compileProgram(compiler, { folder, source: join(sources, `${name}.c`), program: output, flags });
    return output;
  };
  return {
    folder,
    module: pathToFileURL(join(folder, "floor.js")).href,
    program,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A process that has the region open. */
export interface Peer {
  readonly pid: number;
  /** Sends a command, and resolves with its answer, or with how it ended. */
  ask(command: string): Promise<string>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Closes the region, and waits until it is gone. */
  end(): Promise<void>;
}

/** Starts a program of peer.c, or node with peer.mjs. Resolves when it has the region open. */
export async function startPeer(argv: readonly string[], directory: string): Promise<Peer> {
  const [command = "", ...given] = argv;
  const env = { ...process.env, SHMGEN_DIR: directory };
  return peerOf(spawn(command, given, { env, stdio: ["pipe", "pipe", "inherit"] }));
}

/** Of a process with pipes. `gone`: "exit" where others may keep its pipes open. */
export async function peerOf(child: ChildProcess, gone: "close" | "exit" = "close"): Promise<Peer> {
  const { stdin, stdout } = child as { readonly stdin: Writable; readonly stdout: Readable };
  const exited = new Promise<void>((resolve) => child.once(gone, () => resolve()));
  // Who was killed does not read what was sent to it.
  stdin.on("error", () => undefined);
  const answers: ((line: string) => void)[] = [];
  createInterface({ input: stdout }).on("line", (line) => answers.shift()?.(line));
  void exited.then(() => answers.forEach((answer) => answer(endOf(child))));
  let isGone = false;
  void exited.then(() => (isGone = true));
  const next = (): Promise<string> =>
    new Promise((resolve) => (isGone ? resolve(endOf(child)) : void answers.push(resolve)));
  const ready = await next();
  if (!ready.startsWith("ready")) throw new Error(`the peer did not begin: ${ready}`);
  return {
    pid: child.pid as number,
    ask(line) {
      const answer = next();
      stdin.write(`${line}\n`);
      return answer;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    signal: (name) => void child.kill(name),
    async end() {
      stdin.end();
      await exited;
    },
  };
}

function endOf({ exitCode, signalCode }: ChildProcess): string {
  return `it ended with ${exitCode ?? signalCode}`;
}
