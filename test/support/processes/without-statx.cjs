/** Preloaded: a C library of before 2018, which has no statx. */
const koffi = require("koffi");
const { load } = koffi;
koffi.load = (...given) => {
  const library = load(...given);
  return new Proxy(library, {
    get(target, key) {
      if (key !== "func") return Reflect.get(target, key);
      return (name, ...rest) => {
        if (name === "statx") throw new Error("Cannot find function 'statx' in shared library");
        return target.func(name, ...rest);
      };
    },
  });
};
