/** Starts workers that run functions of a test; in plain JavaScript, because workers start workers with it, too. */
import { Worker } from "node:worker_threads";

export async function startThread() {
  const worker = new Worker(new URL("./thread.mjs", import.meta.url), { execArgv: [] });
  const answers = new Map();
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  worker.on("message", ({ id, value, error }) => {
    const { resolve, reject } = answers.get(id);
    answers.delete(id);
    if (error === undefined) resolve(value);
    else reject(Object.assign(new Error(error.message), error));
  });
  const fail = (error) => {
    for (const { reject } of answers.values()) reject(error);
    answers.clear();
  };
  worker.on("error", fail);
  void exited.then(() => fail(new Error("the worker ended")));
  await new Promise((resolve, reject) => answers.set(0, { resolve, reject }));
  let ids = 0;
  return {
    exited,
    run: (work, ...args) =>
      new Promise((resolve, reject) => {
        ids += 1;
        answers.set(ids, { resolve, reject });
        worker.postMessage({ id: ids, source: work.toString(), args });
      }),
    end: () => worker.terminate(),
  };
}

export const startThreads = (count) => Promise.all(Array.from({ length: count }, () => startThread()));
