/** Peers in Node for Windows: told what to do, and answering, by files in the place of pipes (commands.mjs). */
import { appendFileSync, closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { NodePeer } from "../c/peer/peers.mjs";
import { type WindowsFolder, spawnOnWindows, windowsNode } from "./programs.js";

const root = join(import.meta.dirname, "../../..");

/** Copies a generated module, whose URL is of this machine, to where Windows finds it. Gives its URL there. */
export function moduleOnWindows(module: string, { path, windows }: WindowsFolder): string {
  const text = readFileSync(fileURLToPath(module), "utf8");
  writeFileSync(join(path, "package.json"), '{ "type": "module" }');
  writeFileSync(join(path, "generated.js"), text.replaceAll(pathToFileURL(root).href, "file:///W:"));
  return `file:///${windows.replaceAll("\\", "/")}/generated.js`;
}

/** A script of the repository, by Node for Windows. */
export interface Told {
  /** As Windows counts processes. */
  readonly pid: number;
  /** Sends a command and resolves with its answer. Rejects when the process ends before. */
  ask(command: string): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** What was asked is not answered any more. */
  forget(): void;
  readonly exited: Promise<void>;
}

let started = 0;

/** `script`: below the repository. Regions are in `folder`'s regions. Resolves when it has said "ready" and its process id. */
export async function startTold(
  major: number,
  script: string,
  args: readonly string[],
  folder: WindowsFolder,
): Promise<Told> {
  const name = `node-${(started += 1)}`;
  const [commands, answers] = [join(folder.path, `${name}.in`), join(folder.path, `${name}.out`)];
  writeFileSync(commands, "");
  const output = openSync(answers, "w");
  const input = openSync(answers, "r");
  const child = spawnOnWindows(windowsNode(major), [`W:\\${script.replaceAll("/", "\\")}`, ...args], {
    stdio: ["ignore", output, output],
    env: { SHMGEN_DIR: `${folder.windows}\\regions`, SHMGEN_COMMANDS: `${folder.windows}\\${name}.in` },
  });
  closeSync(output);
  const waiting: { resolve: (line: string) => void; reject: (cause: Error) => void }[] = [];
  let isOver = false;
  let text = "";
  const bytes = Buffer.alloc(4096);
  const look = (): void => {
    const length = readSync(input, bytes, 0, bytes.length, null);
    const lines = (text + bytes.toString("utf8", 0, length)).split(/\r?\n/);
    text = lines.pop() ?? "";
    for (const line of lines) waiting.shift()?.resolve(line);
    if (!isOver) setTimeout(look, 1);
    else closeSync(input);
  };
  const exited = new Promise<void>((resolve) =>
    child.once("exit", () => {
      isOver = true;
      for (const { reject } of waiting) reject(new Error(`the Node peer ended: ${readFileSync(answers, "utf8")}`));
      resolve();
    }),
  );
  const next = (): Promise<string> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  look();
  const ready = await next();
  if (!ready.startsWith("ready")) throw new Error(`the Node peer did not begin: ${readFileSync(answers, "utf8")}`);
  return {
    pid: Number(ready.split(" ")[1]),
    ask: (command) => {
      const answer = next();
      appendFileSync(commands, `${command}\n`);
      return answer;
    },
    signal: (signal) => void child.kill(signal),
    forget: () => void (waiting.length = 0),
    exited,
  };
}

/** What startNodePeer of peers.mjs starts here. `onceGone` resolves when the locks of a process that has ended are free. */
export async function startNodeOnWindows(
  major: number,
  module: string,
  folder: WindowsFolder,
  onceGone: (pid: number) => Promise<void>,
): Promise<NodePeer> {
  const told = await startTold(major, "test/support/c/peer/shared-peer.mjs", [module], folder);
  const reap = async (): Promise<void> => {
    told.forget();
    await told.exited;
    await onceGone(told.pid);
  };
  return {
    language: "Node",
    pid: told.pid,
    ask: async (command) => {
      if (command !== "stop" && command !== "continue") return told.ask(command);
      told.signal(command === "stop" ? "SIGSTOP" : "SIGCONT");
      return "ok";
    },
    kill: async () => {
      told.signal("SIGKILL");
      await reap();
    },
    reap,
  };
}
