/**
 * One side of a buffer of bytes or of messages in a process of its own, which others kill. Says "at work" when it has its role, and what
 * it has done when all is.
 *
 *   node log-child.mjs MODULE bytes|log producer|consumer ID COUNT STYLE [ATOMIC OPERATION TO DIE AT]
 *
 * What producer ID puts is numbered from 0 on, and its contents follow from both numbers. A producer says afterwards in `put` how many it
 * has put; a consumer says before the release in `seen` how many of each producer it has had.
 */
import { dieAt } from "./die-at.mjs";

const [url, field, role, id = "0", count = "0", style = "push", point = "0"] = process.argv.slice(2);
const ID = Number(id);
const COUNT = Number(count);
const { Log } = await import(url);
const region = Log.open("log");
const { data } = region;
/** For what hangs: on a busy machine the other side may take minutes to start again. */
const TIMEOUT = { timeoutMs: 600_000 };

/** Of bytes: the head of a piece. Of messages the length is known. */
const HEAD = 12;
const mix = (number) => (Math.imul(number ^ (number >>> 15), 0x2c1b3c6d) ^ (number >>> 7)) >>> 0;
const most = field === "bytes" ? data.bytes.capacity - HEAD : data.log.longest - HEAD;

/** Mostly short, sometimes as long as can be. */
function sizeOf(producer, number) {
  const drawn = mix(producer * 65_537 + number);
  return drawn % 16 === 0 ? (drawn >>> 4) % (most + 1) : (drawn >>> 4) % Math.min(most + 1, 100);
}

const scratch = Buffer.alloc(HEAD + most);
function pieceOf(producer, number) {
  const size = sizeOf(producer, number);
  scratch.writeUInt32LE(producer, 0);
  scratch.writeUInt32LE(number, 4);
  scratch.writeUInt32LE(size, 8);
  for (let at = 0; at < size; at += 1) scratch[HEAD + at] = (producer + number * 31 + at * 7) & 0xff;
  return scratch.subarray(0, HEAD + size);
}

/** Text of as many bytes as a piece would have, some of them of two bytes each. */
function textOf(producer, number) {
  const size = sizeOf(producer, number);
  const letter = number % 3 === 0 ? "é" : String.fromCharCode(97 + (number % 26));
  return `${producer}/${number}/${letter.repeat(letter === "é" ? size >> 1 : size)}`;
}

const fit = (text) => text.slice(0, Math.max(8, Math.floor(most / 2)));

const puts = {
  bytes: {
    async push(producer, number) {
      producer.pushWait(pieceOf(ID, number), TIMEOUT);
    },
    async claim(producer, number) {
      const bytes = pieceOf(ID, number);
      producer.wait(bytes.length, TIMEOUT);
      producer.claim(bytes.length).set(bytes);
      producer.publish();
    },
    async async(producer, number) {
      await producer.pushAsync(Uint8Array.from(pieceOf(ID, number)), TIMEOUT);
    },
  },
  log: {
    async push(log, number) {
      if (number % 3 === 0) log.pushWait(pieceOf(ID, number), TIMEOUT);
      else log.pushWait(fit(textOf(ID, number)), TIMEOUT);
    },
    async claim(log, number) {
      if (number % 3 !== 0) return this.push(log, number);
      const bytes = pieceOf(ID, number);
      for (;;) {
        const grant = log.claim(bytes.length, TIMEOUT);
        if (grant === undefined) continue;
        grant.bytes.set(bytes);
        return grant.publish();
      }
    },
    async async(log, number) {
      const isBytes = number % 3 === 0;
      await log.pushAsync(isBytes ? Uint8Array.from(pieceOf(ID, number)) : fit(textOf(ID, number)), TIMEOUT);
    },
    /** Leaves with the lock. */
    async hold(log) {
      log.claim(8, TIMEOUT);
      process.send?.("at work");
      await new Promise(() => setInterval(() => undefined, 1000));
    },
  },
};

function fail(what) {
  console.error(what);
  process.exit(1);
}

/** Whether it is the next one of its producer, or one that was delivered before and not released. */
function note(producer, number) {
  const before = data.seen.at(producer);
  if (number > before) fail(`producer ${producer}: ${number} came after ${before}`);
  if (number === before) data.seen.set(producer, number + 1);
  delivered += 1;
}
let delivered = 0;

function noteBytes(bytes) {
  const [producer, number, size] = [0, 4, 8].map((at) => Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(at));
  if (Buffer.compare(bytes, pieceOf(producer, number)) !== 0) fail(`${producer} ${number} ${size}: other bytes`);
  note(producer, number);
}

function noteMessage(message) {
  if (message.kind === "bytes") return noteBytes(message.bytes);
  const { text } = message;
  const [producer, number] = text.split("/", 2).map(Number);
  if (text !== fit(textOf(producer, number))) fail(`text ${text.slice(0, 40)}`);
  note(producer, number);
}

const isOver = () => data.isOver === 1;
const takes = {
  bytes: {
    async push(consumer) {
      let bytes = consumer.peek();
      if (bytes === undefined) return waits(consumer);
      // Pieces come whole, several at a time.
      while (bytes.length > 0) {
        const size = HEAD + Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(8);
        noteBytes(bytes.subarray(0, size));
        consumer.release(size);
        bytes = bytes.subarray(size);
      }
      return true;
    },
    async async(consumer) {
      const ending = new AbortController();
      const timer = setInterval(() => isOver() && data.bytes.used === 0 && ending.abort(), 20);
      try {
        for await (let bytes of consumer.items({ signal: ending.signal })) {
          while (bytes.length > 0) {
            const size = HEAD + Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(8);
            noteBytes(bytes.subarray(0, size));
            bytes = bytes.subarray(size);
          }
        }
      } catch (error) {
        if (!ending.signal.aborted) throw error;
      }
      clearInterval(timer);
      return false;
    },
  },
  log: {
    async push(consumer) {
      const message = consumer.peek();
      if (message === undefined) return waits(consumer);
      noteMessage(message);
      consumer.release();
      return true;
    },
    async claim(consumer) {
      return consumer.drain(noteMessage, 16) > 0 || waits(consumer);
    },
    async async(consumer) {
      const ending = new AbortController();
      const timer = setInterval(() => isOver() && data.log.used === 0 && ending.abort(), 20);
      try {
        for await (const message of consumer.items({ signal: ending.signal })) noteMessage(message);
      } catch (error) {
        if (!ending.signal.aborted) throw error;
      }
      clearInterval(timer);
      return false;
    },
  },
};
takes.bytes.claim = takes.bytes.push;

/** Whether there may be more. */
function waits(consumer) {
  if (isOver() && data[field].used === 0) return false;
  try {
    consumer.wait({ timeoutMs: 100 });
  } catch (error) {
    if (error.code !== "ERR_SHM_BUSY") throw error;
  }
  return true;
}

/** Who recovers the one before us may be stopped while he does, and its role is free only after that. */
function take() {
  for (;;) {
    try {
      if (role === "consumer") return data[field].consumer();
      return field === "bytes" ? data.bytes.producer() : data.log;
    } catch (error) {
      if (error.code !== "ERR_SHM_BUSY") throw error;
    }
  }
}

const calls = Number(point) === 0 ? () => 0 : dieAt(Number(point), { loads: true });
const side = take();
process.send?.("at work");
if (role === "producer") {
  for (let number = data.put.at(ID); number < COUNT; number += 1) {
    await puts[field][style](side, number);
    data.put.set(ID, number + 1);
  }
} else while (await takes[field][style](side));
side.close?.();
region.close();
process.send?.({ delivered, calls: calls() }, () => process.disconnect());
