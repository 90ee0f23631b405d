/** Another process that calls a platform's functions: `{ id, name, args }` -> `{ id, result }` or `{ id, error }`. */
const platform = await import(process.argv[2]);
/** Mappings of this process, by the number that their owner gave them. */
const mappings = new Map();

const own = {
  map(key, request) {
    const mapping = platform.mapFile(request);
    mappings.set(key, mapping);
    return mapping.range.size;
  },
  openedIdentity(fd) {
    const { dev, ino } = platform.identify(fd, "opened");
    return { dev, ino };
  },
  load: (key, at) => Atomics.load(words(key), at),
  store: (key, at, value) => Atomics.store(words(key), at, value),
  discardMapping: (key) => platform.discard(mappings.get(key).range),
  wakeAt: (key, at, count) => platform.wake(mappings.get(key).range.address + 4 * at, count),
  /** Says when it begins, then sleeps until the word is woken or has changed. */
  sleepAt(key, at, expected) {
    const word = { address: mappings.get(key).range.address + 4 * at, expected };
    process.send({ event: "sleeping" });
    for (;;) {
      const result = platform.wait(word, 10_000);
      if (result !== "interrupted") return result;
    }
  },
  /** Replaces a name by new files, each of `size` bytes with one value in all of them, until it is told to stop. */
  replaceOften(directory, file, size, rounds) {
    for (let round = 1; round <= rounds; round += 1) {
      const temporary = `${directory}/.next`;
      const fd = platform.createFile(temporary, temporary);
      platform.writeAt(fd, 0, new Uint8Array(size).fill(round % 256), temporary);
      platform.replaceName(temporary, file, file, "replace it");
      platform.closeQuietly(fd);
    }
    return rounds;
  },
  sendDescriptor(path, fd, text) {
    const socket = platform.openSocket(path);
    while (platform.connectTo(socket, path) !== "connected");
    const sent = platform.sendMessage(socket, { bytes: new TextEncoder().encode(text), descriptor: fd }, path);
    platform.closeForeign(socket);
    return sent;
  },
};

function words(key) {
  const { buffer, range } = mappings.get(key);
  return new Int32Array(buffer, 0, range.size / 4);
}

process.on("message", async ({ id, name, args }) => {
  try {
    process.send({ id, result: await (own[name] ?? platform[name])(...args) });
  } catch (error) {
    process.send({ id, error: { code: error.code, message: error.message } });
  }
});
process.send({ event: "ready" });
