/** The worker of page.js: does what it is asked for with the region that it was given. */
import { Board } from "board";

let region;
const WORK = {
  count(data) {
    for (let n = 0; n < 10_000; n += 1) data.$n.add(1);
  },
  wake(data) {
    // This thread may block.
    data.$small.wait(0, 1);
    data.small = 1;
    data.$small.notify();
  },
  write(data) {
    data.name = "worker";
    data.points[1] = 1.5;
    data.big = 2n ** 64n - 1n;
  },
  lock(data) {
    for (let n = 0; n < 1000; n += 1) {
      const turn = data.door.lock();
      data.points[0] += 1;
      turn.unlock();
    }
  },
  push(data) {
    for (let n = 0; n < 5; n += 1) data.jobs.pushWait(n);
    data.notes.push(JSON.stringify({ text: "grüß dich" }), { kind: "json" });
  },
};

addEventListener("message", ({ data: what }) => {
  try {
    if (typeof what === "string") WORK[what](region.data);
    else region = Board.fromShared(what.share);
    postMessage({ value: true });
  } catch (error) {
    postMessage({ error: String(error.stack) });
  }
});
