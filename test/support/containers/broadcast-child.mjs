/**
 * A writer or a reader of a broadcast of records in a process of its own, which others kill and stop. Each element is its number, in all of
 * its words, so that it proves itself by the position at which it is read. Says "at work" when it is, and ends by itself when all is done.
 *
 *   node broadcast-child.mjs MODULE REGION writer|reader|loop MAPPING COUNT
 */
const [module, name, role, mapping, given] = process.argv.slice(2);
const COUNT = Number(given);
const { Feeds, Words } = await import(module);
const opens = role === "loop" ? Feeds.openReadOnly : Feeds.open;
const region = opens(name, { mapping });
const { records } = region.data;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Some elements at a time, and then it is another writer's turn. */
function write() {
  for (let turn = 1; records.published < COUNT; turn += 1) {
    let writer;
    try {
      writer = records.writer();
    } catch (error) {
      if (error.code !== "ERR_SHM_BUSY") throw error;
      Atomics.wait(pause, 0, 0, 1);
      continue;
    }
    for (let left = (turn * 37) % 500; left >= 0 && writer.position < COUNT; left -= 1) {
      writer.claim().words.fill(writer.position);
      writer.publish();
      // Readers have a chance, now a better one, now a worse one.
      if (left % (turn % 2 === 0 ? 8 : 64) === 0) Atomics.wait(pause, 0, 0, 0.05);
    }
    writer.close();
  }
}

const found = { read: 0, missed: 0, torn: 0 };
function check({ words }, position) {
  found.read += 1;
  for (let index = 0; index < words.length; index += 1) if (words[index] !== position) found.torn += 1;
}

function read(cursor) {
  const copy = Words.local();
  while (cursor.position < COUNT) {
    if (cursor.read(copy) === undefined) cursor.wait({ timeoutMs: 60_000 });
    else check(copy, cursor.position - 1);
  }
}

async function loop(cursor) {
  while (cursor.position < COUNT) {
    for await (const record of cursor) {
      check(record, cursor.position - 1);
      if (cursor.position === COUNT) break;
    }
  }
}

process.send?.("at work");
if (role === "writer") write();
else {
  const cursor = records.reader({ from: "oldest" });
  const start = cursor.position;
  await (role === "reader" ? read : loop)(cursor);
  found.missed = cursor.missedInAll;
  if (start + found.read + found.missed !== cursor.position) {
    console.error(`from ${start} to ${cursor.position}: read ${found.read}, missed ${found.missed}`);
    process.exitCode = 1;
  }
  if (found.torn > 0) process.exitCode = 1;
}
region.close();
process.send?.(found, () => process.disconnect());
