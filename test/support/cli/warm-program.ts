/**
 * Runs of the program in a process that has loaded it already. A start costs each run a second, nearly all of it for loading
 * the compiler; what a run prints, writes and returns is the same, which test/cli/warm-program.test.ts proves.
 */
import { join } from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

/** What a run gets, and what comes of it. */
export interface Run {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const RUN_MS = 60_000;

/** One process, started by its first run. It ends with the process that uses it. */
export class WarmProgram {
  readonly #cli: string;
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  #channel: MessageChannel | undefined;

  constructor(cli: string) {
    this.#cli = cli;
  }

  /** Blocks until the run is over, as spawnSync does. */
  run(run: Run): Outcome {
    const { port1 } = (this.#channel ??= this.#start());
    const before = Atomics.load(this.#done, 0);
    port1.postMessage(run);
    Atomics.wait(this.#done, 0, before, RUN_MS);
    const answer = receiveMessageOnPort(port1)?.message as (Outcome & { readonly ended?: string }) | undefined;
    if (answer === undefined) throw new Error(`shmgen ${run.argv.join(" ")} takes longer than ${RUN_MS} ms`);
    if (answer.ended !== undefined) throw new Error(`shmgen ${run.argv.join(" ")} ended its process: ${answer.ended}`);
    return answer;
  }

  #start(): MessageChannel {
    const channel = new MessageChannel();
    const workerData = { cli: this.#cli, done: this.#done, port: channel.port2 };
    const script = join(import.meta.dirname, "warm-thread.mjs");
    new Worker(script, { workerData, transferList: [channel.port2], execArgv: [] }).unref();
    channel.port1.unref();
    return channel;
  }
}
