/** Processes and workers that sit on the chairs of a board: see board.mjs. */
import type { Region, SharedRegion } from "@shmgen/runtime";
import type { BoardData, BoardStatics } from "./board.mjs";
import { type Child, startProcess } from "../processes/processes.js";
import type { Given } from "../threads/given.js";
import { type Thread, startThread } from "../threads/threads.mjs";

export const BOARD = new URL("board.mjs", import.meta.url).href;

interface There {
  readonly load: (url: string) => Promise<unknown>;
  readonly kept: Record<string, unknown>;
}

/** One who takes part in a board by a number. */
export class Sitter<P extends Pick<Child, "run"> | Pick<Thread, "run">> {
  readonly at: P;
  constructor(at: P) {
    this.at = at;
  }

  /** Runs in the other process or worker, with its board. */
  async #run<T>(work: (there: There, url: string, value: unknown) => T, value?: unknown): Promise<Awaited<T>> {
    const run = this.at.run.bind(this.at) as unknown as (
      work: (there: There, url: string, value: unknown) => T,
      url: string,
      value: unknown,
    ) => Promise<Awaited<T>>;
    return run(work, BOARD, value);
  }

  open(name: string): Promise<void> {
    return this.#run(async ({ load, kept }, url, name) => {
      const { Board } = (await load(url)) as { Board: BoardStatics };
      kept["board"] = Board.createOrOpen(name as string);
    }, name);
  }
  openShared(shared: SharedRegion): Promise<void> {
    return this.#run(async ({ load, kept }, url, shared) => {
      const { Board } = (await load(url)) as { Board: BoardStatics };
      kept["board"] = Board.fromShared(shared as SharedRegion);
    }, shared);
  }
  openToken(token: string): Promise<void> {
    return this.#run(async ({ load, kept }, url, token) => {
      const { Board } = (await load(url)) as { Board: BoardStatics };
      kept["board"] = Board.fromToken(token as string);
    }, token);
  }
  /** Its number; 0: somebody sits there. */
  sit(chair: number): Promise<number> {
    return this.#run(({ kept }, _url, chair) => (kept["board"] as Region<BoardData>).data.sit(chair as number), chair);
  }
  recover(): Promise<number[]> {
    return this.#run(({ kept }) => (kept["board"] as Region<BoardData>).recover());
  }
  close(): Promise<void> {
    return this.#run(({ kept }) => (kept["board"] as Region<BoardData>).close());
  }
}

/** Another process with the board open. */
export async function sittingProcess(name: string): Promise<Sitter<Child>> {
  const sitter = new Sitter(await startProcess());
  await sitter.open(name);
  return sitter;
}

/** A worker with the board open. */
export async function sittingThread(given: Given): Promise<Sitter<Thread>> {
  const sitter = new Sitter(await startThread());
  if (typeof given === "string") await sitter.open(given);
  else await sitter.openShared(given);
  return sitter;
}
