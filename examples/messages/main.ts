/** Three producers and a consumer, each a process: `node main.js [MESSAGES OF EACH]`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Log } from "./generated/log.js";

const count = process.argv[2] ?? "4";
const PRODUCERS = ["anna", "bert", "cleo"];

using region = Log.createUnique("log");
const start = (program: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, program), region.name, ...args], { stdio: "inherit" });
const programs = [
  start("consumer.js", `${PRODUCERS.length}`),
  ...PRODUCERS.map((who) => start("producer.js", who, count)),
];
const ends = await Promise.all(programs.map((program) => once(program, "exit")));
process.exitCode = ends.every(([code]) => code === 0) ? 0 : 1;
