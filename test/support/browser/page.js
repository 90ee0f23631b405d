/** What a page does with a region of its own and a worker. `window.result` is a promise of what came of it. */
import { isShmError } from "@shmgen/runtime";
import { Board } from "board";

const said = (error) => (isShmError(error) ? `${error.code}: ${error.message}` : String(error.stack));
const refused = (call) => {
  try {
    return String(call());
  } catch (error) {
    return said(error);
  }
};

async function withWorker() {
  const region = Board.createLocal({ initialise: (board) => (board.name = "page") });
  const { data } = region;
  const worker = new Worker("/page-worker.js", { type: "module" });
  const answers = [];
  let heard;
  worker.addEventListener("message", ({ data: message }) => {
    answers.push(message);
    heard?.();
  });
  const answer = async () => {
    while (answers.length === 0) await new Promise((resolve) => (heard = resolve));
    return answers.shift();
  };
  const ask = async (what) => {
    worker.postMessage(what);
    const message = await answer();
    if (message.error !== undefined) throw new Error(message.error);
    return message.value;
  };
  await ask({ share: region.share() });
  const counting = ask("count");
  for (let n = 0; n < 10_000; n += 1) data.$n.add(1);
  await counting;
  const waiting = data.$small.waitAsync(0);
  await ask("wake");
  const woken = await waiting;
  await ask("write");
  const locking = ask("lock");
  for (let n = 0; n < 1000; n += 1) {
    const turn = await data.door.lockAsync();
    data.points[0] += 1;
    turn.unlock();
  }
  await locking;
  const locked = data.points[0];
  data.points[0] = 0;
  const pushing = ask("push");
  const taken = [];
  for (let n = 0; n < 5; n += 1) taken.push(await data.jobs.popAsync());
  await pushing;
  const consumer = data.notes.consumer();
  await consumer.waitAsync();
  const message = consumer.take();
  const participants = region.participants().length;
  const result = {
    isolated: globalThis.crossOriginIsolated,
    counted: data.n,
    woken,
    late: await data.$big.waitAsync(data.big, 5),
    blocked: refused(() => data.$n.wait(data.n, 5))
      .split(":", 2)
      .join(":"),
    name: data.name,
    points: [...data.points],
    big: String(data.big),
    locked,
    taken,
    note: message.json(),
    participants,
    opened: refused(() => Board.createOrOpen("board")),
    ready: await Board.whenReady("board").catch((error) => error.code),
  };
  region.close();
  worker.terminate();
  return result;
}

globalThis.result = globalThis.crossOriginIsolated
  ? withWorker().catch((error) => ({ failed: said(error) }))
  : Promise.resolve({ isolated: false, refused: refused(() => Board.createLocal()) });
