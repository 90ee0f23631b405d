/**
 * Has a process see its plain stores to 32-bit words of regions: `node --import plain-stores.mjs`, before the runtime is loaded. That gets typed
 * arrays behind a Proxy, and Atomics that know them. `plainStores.before` is called before each store.
 */
const LARGE = 4096;
const watched = new WeakMap();
globalThis.plainStores = { before() {} };

function watch(words) {
  const seen = new Proxy(words, {
    get(_words, key) {
      const value = words[key];
      return typeof value === "function" ? value.bind(words) : value;
    },
    set(_words, key, value) {
      globalThis.plainStores.before();
      words[key] = value;
      return true;
    },
  });
  watched.set(seen, words);
  return seen;
}

globalThis.Uint32Array = new Proxy(Uint32Array, {
  construct: (Words, given) => (given[0]?.byteLength >= LARGE ? watch(new Words(...given)) : new Words(...given)),
});
for (const name of ["load", "store", "exchange", "compareExchange", "add", "sub", "or", "and", "xor"]) {
  const original = Atomics[name];
  Atomics[name] = (array, ...rest) => original(watched.get(array) ?? array, ...rest);
}
