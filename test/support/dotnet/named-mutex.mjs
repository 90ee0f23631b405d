/**
 * The region that .NET 8 to 10 on Linux make for a named mutex, as the generator would write its class, by hand:
 * glibc's pthread_mutex_t, then the owner. 64 bytes behind the 8 of the header.
 */
import {
  createOrOpenRegion,
  createRegion,
  Flyweight,
  FlyweightReader,
  openRegion,
  openRegionReadOnly,
  rawMemory,
} from "@shmgen/runtime/codegen-v1";

const FIELDS = [
  { name: "word", type: "u32", offset: 0, size: 4, align: 4, docs: "" },
  { name: "kind", type: "u32", offset: 16, size: 4, align: 4, docs: "" },
  { name: "processId", type: "u32", offset: 40, size: 4, align: 4, docs: "" },
  { name: "threadId", type: "u64", offset: 48, size: 8, align: 8, docs: "" },
  { name: "abandoned", type: "u8", offset: 56, size: 1, align: 1, docs: "" },
];
const layout = { name: "NamedMutex", size: 64, align: 8, fingerprint: "0000000000000000", docs: "", fields: FIELDS };

const accessor = (base) =>
  class extends base {
    static layout = layout;
    #raw;
    #at;
    constructor(view, offset) {
      super(view, offset);
      this.#raw = rawMemory(view);
      this.#at = offset;
    }
    get word() {
      return Atomics.load(this.#raw.u32, this.#at / 4);
    }
    get kind() {
      return Atomics.load(this.#raw.u32, this.#at / 4 + 4);
    }
    set kind(value) {
      Atomics.store(this.#raw.u32, this.#at / 4 + 4, value);
    }
    get processId() {
      return Atomics.load(this.#raw.u32, this.#at / 4 + 10);
    }
    set processId(value) {
      Atomics.store(this.#raw.u32, this.#at / 4 + 10, value);
    }
    get threadId() {
      return Atomics.load(this.#raw.u64, this.#at / 8 + 6);
    }
    set threadId(value) {
      Atomics.store(this.#raw.u64, this.#at / 8 + 6, value);
    }
    get abandoned() {
      return Atomics.load(this.#raw.u8, this.#at + 56);
    }
  };

const definition = {
  accessor: accessor(Flyweight),
  reader: accessor(FlyweightReader),
  header: "dotnet",
  typeId: 0,
  version: 1,
  readableFrom: 1,
  descriptor: "",
};

/** A mutex that nobody owns: shared between processes, robust, recursive. */
export const ROBUST_SHARED_RECURSIVE = 0x91;
export function initialise(mutex) {
  mutex.kind = ROBUST_SHARED_RECURSIVE;
  mutex.processId = 0xffffffff;
  mutex.threadId = 0xffffffffffffffffn;
}

export const NamedMutex = {
  createOrOpen: (name, options) => createOrOpenRegion(definition, name, { initialise, ...options }),
  create: (name, options) => createRegion(definition, name, { initialise, ...options }),
  open: (name, options) => openRegion(definition, name, options),
  openReadOnly: (name, options) => openRegionReadOnly(definition, name, options),
};
