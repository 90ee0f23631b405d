/**
 * One contender of the groups of bytes and messages: `node bytes-contender.mjs GENERATED WAY SIZE` prints ns for each message. The parent
 * takes what the child, or the other thread, puts.
 */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";

const [generated, way, given, role, directory] = process.argv.slice(2);
const SIZE = Number(given);
const SLOW = ["send", "port", "pipe", "async"].includes(way);
const COUNT = SIZE > 10_000 ? 10_000 : SLOW ? 100_000 : 1_000_000;
const WARM_UP = Math.floor(COUNT / 10);
const TOTAL = COUNT + WARM_UP;
const PATIENT = { timeoutMs: 60_000 };
const FILE = new URL(import.meta.url).pathname;
const TEXT = "a".repeat(SIZE);
const BYTES = Buffer.alloc(SIZE, "a");

/** Time of those after the warm-up, as they come. */
let next = 0;
let begun = 0n;
function have(length) {
  if (length !== SIZE) throw new Error(`${length} instead of ${SIZE}`);
  next += 1;
  if (next === WARM_UP) begun = process.hrtime.bigint();
}
const figure = () => Number(process.hrtime.bigint() - begun) / COUNT;

function pushAll({ log, stream }) {
  if (way === "push" || way === "claim") {
    const producer = stream.producer();
    for (let at = 0; at < TOTAL; at += 1) {
      if (way === "push") {
        if (!producer.push(BYTES)) producer.pushWait(BYTES, PATIENT);
        continue;
      }
      let piece = producer.claim(SIZE);
      while (piece === undefined) {
        producer.wait(SIZE, PATIENT);
        piece = producer.claim(SIZE);
      }
      piece[0] = 97;
      producer.publish();
    }
    return;
  }
  const message = way === "bytes" ? BYTES : TEXT;
  for (let at = 0; at < TOTAL; at += 1) if (!log.push(message)) log.pushWait(message, PATIENT);
}

async function pushAsync({ log }) {
  for (let at = 0; at < TOTAL; at += 1) await log.pushAsync(TEXT, PATIENT);
}

function readStream(consumer) {
  for (let left = TOTAL * SIZE; left > 0;) {
    const bytes = consumer.peek();
    if (bytes === undefined) {
      consumer.wait(PATIENT);
      continue;
    }
    if (bytes[0] !== 97) throw new Error("other bytes");
    const count = Math.min(bytes.length, 65_536);
    consumer.release(count);
    left -= count;
    if (begun === 0n && left <= COUNT * SIZE) begun = process.hrtime.bigint();
  }
}

function hear(consumer) {
  while (next < TOTAL) {
    if (way === "drain") {
      if (consumer.drain(({ text }) => have(text.length), 64) === 0) consumer.wait(PATIENT);
      continue;
    }
    const message = way === "bytes" ? consumer.take() : consumer.peek();
    if (message === undefined) {
      consumer.wait(PATIENT);
      continue;
    }
    have(way === "bytes" ? message.bytes.length : message.text.length);
    if (way !== "bytes") consumer.release();
  }
}

async function overRegion() {
  const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");
  const { Wire } = await import(generated);
  const region = Wire.createOrOpen("bench", { directory: own });
  const { data } = region;
  if (role === "child") {
    process.send("ready");
    if (way === "async") await pushAsync(data);
    else pushAll(data);
    process.disconnect();
    region.close();
    return;
  }
  const child = fork(FILE, [generated, way, given, "child", own]);
  await once(child, "message");
  if (way === "push" || way === "claim") readStream(data.stream.consumer());
  else if (way === "async") {
    for await (const { text } of data.log.consumer()) {
      have(text.length);
      if (next === TOTAL) break;
    }
  } else hear(data.log.consumer());
  console.log(figure());
  region.close();
  if (child.exitCode === null) await once(child, "exit");
  rmSync(own, { recursive: true, force: true });
}

async function overSend() {
  if (role === "child") {
    let at = 0;
    // Some at a time: without an end to what is under way the memory would be what is measured.
    const batch = () => {
      for (let count = 0; count < 16 && at < TOTAL; count += 1, at += 1) process.send(TEXT);
      if (at < TOTAL) setImmediate(batch);
    };
    return batch();
  }
  const child = fork(FILE, [generated, way, given, "child"]);
  await new Promise((resolve) => {
    child.on("message", (text) => {
      have(text.length);
      if (next === TOTAL) resolve();
    });
  });
  console.log(figure());
  child.kill();
}

/** Bytes on standard output: each has its length before it. */
async function overPipe() {
  if (role === "child") {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(SIZE);
    const frame = Buffer.concat([head, BYTES]);
    for (let at = 0; at < TOTAL; at += 1) if (!process.stdout.write(frame)) await once(process.stdout, "drain");
    return;
  }
  const child = spawn(process.execPath, [FILE, generated, way, given, "child"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let rest = Buffer.alloc(0);
  for await (const chunk of child.stdout) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4 + SIZE) {
      have(rest.toString("utf8", at + 4, at + 4 + rest.readUInt32LE(at)).length);
      at += 4 + SIZE;
    }
    rest = rest.subarray(at);
  }
  console.log(figure());
}

async function overThreads() {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(FILE, { argv: process.argv.slice(2), workerData: { port2 }, transferList: [port2] });
  worker.on("error", (error) => {
    throw error;
  });
  while (next < TOTAL) {
    const message = receiveMessageOnPort(port1);
    if (message !== undefined) have(message.message.length);
  }
  console.log(figure());
  process.exit();
}

if (!isMainThread) for (let at = 0; at < TOTAL; at += 1) workerData.port2.postMessage(TEXT);
else if (way === "send") await overSend();
else if (way === "pipe") await overPipe();
else if (way === "port") await overThreads();
else await overRegion();
