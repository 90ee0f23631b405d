/** The peer of peer.c in Node: the same commands and answers. `node peer.mjs MODULE REGION` */
import { commands } from "../../windows/commands.mjs";

const [module, name] = process.argv.slice(2);
const { Floor } = await import(module);
const region = Floor.createOrOpen(name);
const { data } = region;
const { door, bell, seats, sample, orders, tasks, frames, work, bytes, log, ticks, samples, visits, stats } = data;
const slots = new Map();
let lock;
let producer;
let consumer;
let bytesIn;
let bytesOut;
let hearer;
let writer;
let reader;
const permits = [];

/** What is thrown for a result of C. */
const RESULTS = {
  ERR_SHM_BUSY: "busy",
  ERR_SHM_ABANDONED: "abandoned",
  ERR_SHM_FORMAT: "damaged",
  ERR_SHM_STALE: "stale",
};

const orderOf = (id) => ({ id: BigInt(id), price: id / 2, mark: Math.imul(id, 2654435761) >>> 0 });
/** An order that does something while it is stored. */
const orderWhile = (id, act) => ({
  ...orderOf(id),
  get id() {
    act();
    return BigInt(id);
  },
});
const isOrder = (order, id) => {
  const { price, mark } = orderOf(id);
  return order.id === BigInt(id) && order.price === price && order.mark === mark;
};
const isWhole = ({ words, mark }) => words.every((word) => word === words[0]) && mark === Number(words[0] & 0xffn);

/** `requests_total{method="GET"}` as a name and labels. */
const keyOf = (text) => {
  const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(text) ?? [undefined, text];
  return [
    name,
    Object.fromEntries([...labels.matchAll(/(\w+)="(.*?)"/g)].map(([, label, value]) => [label, value])),
    { help: "Of the peers" },
  ];
};

const raise = (draft) => {
  const next = draft.words[0] + 1n;
  draft.words.fill(next);
  draft.mark = Number(next & 0xffn);
};

const pieceOf = (at) =>
  Uint8Array.from({ length: at % 50 === 0 ? 192 : 1 + ((at * 7) % 60) }, (_, index) => (at * 31 + index) & 0xff);
const messageOf = (who, at) =>
  `${who} ${at} ${String.fromCharCode(97 + (at % 26)).repeat(at % 50 === 0 ? 200 : (at * 7) % 60)}`;
const KINDS = ["bytes", "text", "json"];
const LONG = { timeoutMs: 20_000 };

const COMMANDS = {
  /** Takes part from now on. */
  join: () => {
    try {
      door.tryLock()?.unlock();
    } catch (error) {
      // It stays so for others, and we take part.
      if (error.code !== "ERR_SHM_ABANDONED") throw error;
    }
  },
  lock: (timeoutMs) => void (lock = door.lock({ timeoutMs })),
  take: () => void (lock = door.lock({ onAbandoned: "take", timeoutMs: 0 })),
  unlock: () => lock.unlock(),
  counted: () => `ok ${data.count}`,
  count: (times) => {
    for (let at = 0; at < times; at += 1) {
      const turn = door.lock({ timeoutMs: 20_000, onAbandoned: "take" });
      data.count += 1n;
      turn.unlock();
    }
  },
  set: () => bell.set(),
  reset: () => bell.reset(),
  wait: (timeoutMs) => bell.wait({ timeoutMs }),
  bell: () => `ok ${bell.isSet ? 1 : 0} ${bell.count}`,
  acquire: (timeoutMs) => void permits.push(seats.acquire({ timeoutMs })),
  release: () => permits.pop().release(),
  free: () => `ok ${seats.available}`,
  write: (times) => {
    for (let at = 0; at < times; at += 1) sample.update(raise, { timeoutMs: 20_000 });
  },
  /** Dies with the bytesIn's word, and half of a value in a cell. */
  "die-writing": () =>
    void sample.update((draft) => {
      draft.words[0] = 77n;
      process.kill(process.pid, "SIGKILL");
    }),
  read: (times) => {
    let [torn, back, last] = [0, 0, 0n];
    for (let at = 0; at < times; at += 1) {
      const value = sample.read();
      if (!isWhole(value)) torn += 1;
      if (value.words[0] < last) back += 1;
      last = value.words[0];
    }
    return `ok torn ${torn} back ${back}`;
  },
  sequence: () => `ok ${sample.sequence}`,
  changed: async (sequence, timeoutMs) => void (await sample.changed(sequence, { timeoutMs })),
  produce: () => void (producer = orders.producer()),
  consume: () => void (consumer = orders.consumer()),
  push: (from, times) => {
    for (let at = from; at < from + times; at += 1) producer.pushWait(orderOf(at), { timeoutMs: 20_000 });
  },
  batches: (from, times) => {
    for (let at = from; at < from + times;) {
      let claimed = 0;
      for (let slot; claimed < 5 && at < from + times && (slot = producer.claim()); claimed += 1, at += 1) {
        Object.assign(slot, orderOf(at));
      }
      if (claimed > 0) producer.publish(claimed);
      else producer.pushWait(orderOf(at++), { timeoutMs: 20_000 });
    }
  },
  pop: (from, times) => {
    for (let at = from; at < from + times; at += 1) {
      consumer.wait({ timeoutMs: 20_000 });
      const order = consumer.pop();
      if (!isOrder(order, at)) return `wrong ${at}`;
    }
    return `ok ${from + times}`;
  },
  enqueue: (from, times) => {
    for (let at = from; at < from + times; at += 1) tasks.pushWait(orderOf(at), { timeoutMs: 20_000 });
  },
  dequeue: (times) => {
    let sum = 0;
    for (let at = 0; at < times; at += 1) {
      const task = tasks.popWait({ timeoutMs: 20_000 });
      if (!isOrder(task, Number(task.id))) return `wrong ${task.id}`;
      sum += Number(task.id);
    }
    return `ok ${sum}`;
  },
  /** Stops itself with the locks of both queues: it is within a push to each. */
  "stop-pushing": (id) => {
    const steps = [() => work.push(orderWhile(id, next)), () => process.kill(process.pid, "SIGSTOP")];
    const next = () => steps.shift()?.();
    tasks.push(orderWhile(id, next));
  },
  "add-jobs": (from, times) => {
    for (let at = from; at < from + times; at += 1) work.pushWait(orderOf(at), { timeoutMs: 20_000 });
  },
  "do-jobs": (times) => {
    let sum = 0;
    for (let at = 0; at < times; at += 1) {
      const job = work.leaseWait({ timeoutMs: 20_000 });
      if (!isOrder(job.data, Number(job.data.id))) return `wrong ${job.data.id}`;
      sum += Number(job.data.id);
      job.done();
    }
    return `ok ${sum}`;
  },
  "keep-job": () => {
    const job = work.lease();
    return job === undefined ? "empty 0 0" : `ok ${job.data.id} ${job.attempts}`;
  },
  alloc: (id, timeoutMs) => {
    const slot = frames.allocWait({ timeoutMs });
    Object.assign(slot.data, orderOf(id));
    slots.set(`${slot.handle}`, slot);
    return `ok ${slot.handle}`;
  },
  "take-frame": (handle) => {
    const slot = frames.take(BigInt(handle));
    slots.set(`${slot.handle}`, slot);
    return `ok ${slot.data.id}`;
  },
  lend: (handle) => slots.get(`${handle}`).lend(),
  "free-frame": (handle) => slots.get(`${handle}`).free(),
  "write-bytes": () => void (bytesIn = bytes.producer()),
  "read-bytes": () => void (bytesOut = bytes.consumer()),
  put: (from, times) => {
    for (let at = from; at < from + times; at += 1) bytesIn.pushWait(pieceOf(at), LONG);
  },
  get: (from, times) => {
    for (let at = from; at < from + times;) {
      bytesOut.wait(LONG);
      for (let shown = bytesOut.peek() ?? []; shown.length > 0 && at < from + times; at += 1) {
        const piece = pieceOf(at);
        if (Buffer.compare(shown.subarray(0, piece.length), piece) !== 0) return `wrong ${at}`;
        bytesOut.release(piece.length);
        shown = shown.subarray(piece.length);
      }
    }
    return `ok ${from + times}`;
  },
  listen: () => void (hearer = log.consumer()),
  say: (who, from, times) => {
    for (let at = from; at < from + times; at += 1) {
      const kind = KINDS[at % 3];
      const text = messageOf(who, at);
      log.pushWait(kind === "bytes" ? Buffer.from(text) : text, { kind, ...LONG });
    }
  },
  hear: (times, patience = 20_000) => {
    let count = 0;
    while (count < times) {
      try {
        hearer.wait({ timeoutMs: patience });
      } catch (error) {
        if (error.code === "ERR_SHM_BUSY" && patience < 1000) break;
        throw error;
      }
      const { text, kind } = hearer.peek();
      const [who, at] = text.split(" ", 2).map(Number);
      const before = data.heard.at(who);
      if (at > before || text !== messageOf(who, at) || kind !== KINDS[at % 3]) return `wrong ${text} after ${before}`;
      if (at === before) data.heard.set(who, at + 1);
      if (at === before) count += 1;
      hearer.release();
    }
    return `ok ${count}`;
  },
  raise: (keys, times) => {
    for (let at = 0; at < times; at += 1) {
      const initial = { words: Array.from({ length: 8 }, () => 0n), mark: 0 };
      samples.update(`key ${at % keys}`, raise, { initial, evict: "oldest", timeoutMs: 20_000 });
    }
  },
  look: (keys, times) => {
    let [torn, back, missed] = [0, 0, 0];
    const last = Array.from({ length: keys }, () => 0n);
    for (let at = 0; at < times; at += 1) {
      const value = samples.get(`key ${at % keys}`);
      if (value === undefined) {
        missed += 1;
        continue;
      }
      if (!isWhole(value)) torn += 1;
      if (value.words[0] < last[at % keys]) back += 1;
      last[at % keys] = value.words[0];
    }
    return `ok torn ${torn} back ${back} missed ${missed === times ? 1 : 0}`;
  },
  keep: (key, value, ttlMs) => {
    const words = Array.from({ length: 8 }, () => BigInt(value));
    samples.set(key, { words, mark: Number(value) & 0xff }, Number(ttlMs) > 0 ? { ttlMs: Number(ttlMs) } : {});
    return `ok ${samples.size}`;
  },
  find: (key) => {
    const value = samples.get(key);
    return value === undefined ? "empty 0" : `ok ${value.words[0]}`;
  },
  drop: (key) => (samples.delete(key) ? "ok" : "empty"),
  clear: () => samples.clear(),
  visit: (client, count) => {
    visits.set(client, BigInt(count));
    return `ok ${visits.get(client)}`;
  },
  entries: () => `ok ${[...samples].map(([key, { words }]) => `${key}=${words[0]}`).sort()}`,
  /** Dies with the lock of the map, before it has changed anything. */
  "die-changing": (key) =>
    void samples.update(key, (draft) => {
      draft.words[0] = 77n;
      process.kill(process.pid, "SIGKILL");
    }),
  "count-in": (key, times) => {
    const series = stats.counter(...keyOf(key));
    for (let at = 0; at < times; at += 1) series.add();
    return `ok ${series.value}`;
  },
  "set-in": (key, value) => {
    const series = stats.gauge(...keyOf(key));
    series.set(value / 2);
    return `ok ${series.value}`;
  },
  "observe-in": (key, value) => {
    const series = stats.histogram(...keyOf(key));
    series.observe(value / 2);
    return `ok ${series.sum}`;
  },
  "remove-in": (key) => stats.counter(...keyOf(key)).remove(),
  "drop-kept": () => `ok ${stats.dropKept()}`,
  series: () => `ok ${JSON.stringify(stats.series().map(({ labels, ...rest }) => [rest, labels]))}`,
  available: () => `ok ${consumer.available}`,
  broadcast: () => void (writer = ticks.writer()),
  publish: (times) => {
    for (let at = 0; at < times; at += 1) {
      const next = BigInt(writer.position);
      writer.publish({ words: Array.from({ length: 8 }, () => next), mark: Number(next & 0xffn) });
    }
  },
  "close-writer": () => writer.close(),
  tune: () => void (reader = ticks.reader()),
  rewind: () => void (reader = ticks.reader({ from: "oldest" })),
  published: () => `ok ${ticks.published}`,
  follow: (until, timeoutMs) => {
    const before = reader.missedInAll;
    let [read, torn] = [0, 0];
    while (reader.position < until) {
      const value = reader.read();
      if (value === undefined) {
        reader.wait({ timeoutMs });
        continue;
      }
      read += 1;
      if (!isWhole(value) || value.words[0] !== BigInt(reader.position - 1)) torn += 1;
    }
    return `ok read ${read} missed ${reader.missedInAll - before} torn ${torn}`;
  },
  "close-producer": () => producer.close(),
  "close-consumer": () => consumer.close(),
};

async function answer(line) {
  const [command, ...given] = line.split(" ");
  try {
    // Keys are texts.
    const isKey = ["keep", "find", "drop", "die-changing"].includes(command) || command.endsWith("-in");
    const values = isKey ? given : given.map(Number);
    const said = await COMMANDS[command](...values);
    return typeof said === "string" ? said : "ok";
  } catch (error) {
    return RESULTS[error.code] ?? `${error.stack}`.replaceAll("\n", " | ");
  }
}

console.log(`ready ${process.pid}`);
for await (const line of commands()) console.log(await answer(line));
region.close();
