/** Peers in C and in Node for tests: each a process that takes part in regions of test/support/c/peer/shared.shm.ts. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";

const sources = import.meta.dirname;
const LIBRARY = join(import.meta.dirname, "../../../../generator/c-runtime");
const runtime = pathToFileURL(createRequire(import.meta.url).resolve("@shmgen/runtime/codegen-v1")).href;
const FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/** Why there are no peers in C; undefined when there are. */
export const withoutGcc =
  spawnSync("gcc", ["--version"]).status === 0
    ? undefined
    : "skipped: gcc is missing; on Debian: apt-get install gcc libc6-dev";

/**
 * In a folder of its own: `module` is the URL of the schema's JavaScript, `program(name)` the path of a compiled program.
 * `library` is the folder of shm-region.h; tests have copies with mistakes in them. `command` compiles C.
 */
export async function buildPeers(library = LIBRARY, command = "gcc") {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-peers-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { files, diagnostics } = await compile({
      files: ["shared.shm.ts"],
      readFile: (path) => readFileSync(join(sources, path), "utf8"),
      targets: ["js", "c"],
      outputPath: () => "shared",
    });
    if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const { path, text } of files) {
      writeFileSync(join(folder, path), text.replaceAll('"@shmgen/runtime/codegen-v1"', JSON.stringify(runtime)));
    }
  } catch (error) {
    remove();
    throw error;
  }
  const program = (name, source = join(sources, `${name}.c`)) => {
    const output = join(folder, name);
    const gcc = spawnSync(command, [...FLAGS, "-I", folder, "-I", sources, "-I", library, "-o", output, source], {
      encoding: "utf8",
    });
    if (gcc.status !== 0) throw new Error(`${command} refused ${source}:\n${gcc.stderr.slice(0, 4000)}`);
    return output;
  };
  return { module: pathToFileURL(join(folder, "shared.js")).href, program, remove };
}

/**
 * Starts `serve`, whose `start()` forks a peer in C. Its `ask` sends a command of serve.c and resolves with the answer, which
 * never comes when the peer dies before; `kill` and `reap` resolve when it is gone.
 */
export function startServer(serve, directory) {
  return startServerOf(spawn(serve, [], stdio(directory)));
}

/** As startServer, of a process that runs `serve`. */
export function startServerOf(child) {
  const { lines, write, end, exited, onEnd } = talk(child);
  const waiting = new Map();
  lines.on("line", (line) => {
    const at = line.indexOf(" ");
    waiting
      .get(line.slice(0, at))
      ?.shift()
      ?.resolve(line.slice(at + 1));
  });
  onEnd((how) => {
    for (const { reject } of [...waiting.values()].flat()) reject(new Error(`serve ended: ${how}`));
  });
  const ask = (id, command) =>
    new Promise((resolve, reject) => {
      const answers = waiting.get(`${id}`) ?? [];
      waiting.set(`${id}`, answers);
      answers.push({ resolve, reject });
      write(`${id} ${command}`);
    });
  let ids = 0;
  const freed = [];
  const start = async () => {
    const id = freed.pop() ?? ids++;
    await ask(id, "start");
    let alive = true;
    const finish = async (command) => {
      if (!alive) return;
      alive = false;
      waiting.set(`${id}`, []);
      await ask(id, command);
      freed.push(id);
    };
    return {
      language: "C",
      ask: (command) => ask(id, command),
      kill: () => finish("kill"),
      reap: () => finish("reap"),
    };
  };
  const stop = async () => {
    end();
    await exited;
  };
  return { start, stop };
}

/** A peer in Node, with the same words. */
export async function startNodePeer(module, directory) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "shared-peer.mjs"), module], stdio(directory));
  const { lines, write, exited, onEnd } = talk(child);
  const answers = [];
  const next = () => new Promise((resolve, reject) => answers.push({ resolve, reject }));
  lines.on("line", (line) => answers.shift()?.resolve(line));
  onEnd((how) => {
    for (const { reject } of answers) reject(new Error(`the Node peer ended: ${how}`));
  });
  await next();
  const reap = async () => {
    answers.length = 0;
    await exited;
  };
  return {
    language: "Node",
    pid: child.pid,
    ask: (command) => {
      const answer = next();
      if (command === "stop" || command === "continue") {
        child.kill(command === "stop" ? "SIGSTOP" : "SIGCONT");
        answers.pop().resolve("ok");
      } else write(command);
      return answer;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await reap();
    },
    reap,
  };
}

function stdio(directory) {
  return { env: { ...process.env, SHMGEN_DIR: directory }, stdio: ["pipe", "pipe", "inherit"] };
}

function talk(child) {
  const exited = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  // Whoever was killed does not read what was sent to it.
  child.stdin.on("error", () => undefined);
  return {
    exited,
    onEnd: (work) => child.once("exit", (code, signal) => work(`code=${code} signal=${signal}`)),
    lines: createInterface({ input: child.stdout }),
    write: (line) => child.stdin.write(`${line}\n`),
    end: () => child.stdin.end(),
  };
}
