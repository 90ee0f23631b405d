/**
 * What `postMessage` and `structuredClone` would copy to an empty object without a word. They refuse whatever V8 cannot
 * write, a WeakRef for one, so instances are made as that, and have none of its properties.
 * (`markAsUncloneable` of node:worker_threads does the same, and needs Node 22.10.)
 */
const anchor = {};
const Base = class extends WeakRef<object> {
  constructor() {
    super(anchor);
  }
};
Object.setPrototypeOf(Base.prototype, Object.prototype);

export const Uncloneable = Base as unknown as new () => object;
