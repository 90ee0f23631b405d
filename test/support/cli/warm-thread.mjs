/** The thread between warm-program.ts, which blocks until it answers, and the process of program-server.mjs. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { workerData } from "node:worker_threads";

const { cli, done, port } = workerData;
// Where tests are emulated, the compiler need not be: it would take a minute for a schema.
const execPath = process.env.SHMGEN_PROGRAM_NODE ?? process.execPath;
const server = fork(join(import.meta.dirname, "program-server.mjs"), [cli], {
  stdio: "ignore",
  execArgv: [],
  execPath,
});

function answer(message) {
  port.postMessage(message);
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
}

port.on("message", (run) => server.send(run));
server.on("message", answer);
server.on("exit", (code, signal) => answer({ ended: `code=${code} signal=${signal}` }));
