/**
 * Loaded before a program (`node --require`), it stands before each call that the platform makes of the system: functions of libraries,
 * which koffi calls, and those of node:fs that take a path or a descriptor. From `globalThis.arm()` on calls are counted; before
 * the one of number DIE_AT this process ends by SIGKILL, which is TerminateProcess on Windows. `globalThis.callsMade()`: their names so far.
 */
const Module = require("node:module");
const fs = process.getBuiltinModule("node:fs");

const dieAt = Number(process.env["DIE_AT"] ?? 0);
/** Of the process itself, or asked for once and remembered: they change nothing that another process sees. */
const QUIET = /^(?:GetLastError|errno|existsSync|uv_get_osfhandle)$/;
let names;

function before(name) {
  if (names === undefined || QUIET.test(name)) return;
  names.push(name);
  if (names.length !== dieAt) return;
  process.kill(process.pid, "SIGKILL");
  // Whoever is killed by another thread runs on for a moment.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

globalThis.arm = () => (names = []);
globalThis.callsMade = () => names ?? [];

for (const [name, call] of Object.entries(fs)) {
  if (typeof call !== "function" || !name.endsWith("Sync")) continue;
  fs[name] = (...values) => {
    before(name);
    return call.apply(fs, values);
  };
  // realpathSync.native and the like.
  Object.assign(fs[name], call);
}

/** A library of koffi's whose functions are counted by the names in their declarations. */
function counted(library) {
  return new Proxy(library, {
    get(target, key) {
      const found = target[key];
      if (key !== "func") return typeof found === "function" ? found.bind(target) : found;
      return (...declaration) => {
        const call = found.apply(target, declaration);
        const text = declaration.map(String).find((part) => part.includes("("));
        const name = /(\w+)\s*\(/.exec(text ?? "")?.[1] ?? String(declaration[0]);
        const wrapped = (...values) => {
          before(name);
          return call(...values);
        };
        return Object.assign(wrapped, call);
      };
    },
  });
}

const load = Module._load;
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name !== "koffi") return loaded;
  return new Proxy(loaded, {
    get: (target, key) =>
      key === "load" ? (...values) => counted(target.load(...values)) : Reflect.get(target, key, target),
  });
};
