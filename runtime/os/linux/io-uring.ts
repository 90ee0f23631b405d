/** A ring of io_uring in memory of ours: entries go in, ends come out. A part of wait-ring.ts, which has the steps. */
import { constants } from "node:os";
import type { RingCalls } from "./libc.js";

/** See node.ts. */
const fs = process.getBuiltinModule("node:fs");
const { EAGAIN, EBUSY, EINTR } = constants.errno;
const O_CLOEXEC = 0o2000000;

/** `struct io_uring_params`, in words of 32 bits. After the call it has the offsets in the ring, in bytes. */
const PARAMS = {
  size: 30,
  cqEntries: 1,
  flags: 2,
  sqTail: 11,
  sqFlags: 14,
  sqAddress: 18,
  cqHead: 20,
  cqTail: 21,
  ends: 25,
  cqAddress: 28,
} as const;
/** Own size of the queue; entries after a bad one count; no interrupt of a thread that is busy; our memory; no array of indices. */
const SETUP_FLAGS = (1 << 3) | (1 << 7) | (1 << 8) | (1 << 14) | (1 << 16);
/** `struct io_uring_sqe`, in words: opcode and flags are the lowest bytes of the first. */
const ENTRY = { size: 16, fd: 1, value: 2, address: 4, length: 6, id: 8, mask: 12 } as const;
/** `struct io_uring_cqe`, in words. */
const END = { size: 4, result: 2 } as const;
export const OP = { cancel: 14, deadline: 15, write: 23, sleep: 51 } as const;
export const FLAG = {
  /** The next entry follows however this one ends. */
  hardLink: 1 << 3,
  /** Only a failure is said. */
  skipSuccess: 1 << 6,
} as const;
/** 32-bit word, shared between processes. */
const FUTEX2_SIZE_U32 = 2;
const MATCH_ANY = 0xffff_ffff;
const GET_EVENTS = 1;
/** Ends have found no room in the queue. */
const SQ_CQ_OVERFLOW = 2;

const ENTRIES = 64;
const ENDS = 128;
/** In the scratch part, bytes: one that is written, and a time for each entry. */
const TIMES = 64;

/** Memory for itself, that goes back to the system when nobody refers to it: the kernel may still write to the pages it has of it. */
type GrowableBuffer = new (size: number, options: { readonly maxByteLength: number }) => SharedArrayBuffer;

/** How something ended: an error number below 0, or 0 and more. `id` is 0 for what has none. */
export interface End {
  readonly id: number;
  readonly result: number;
}

/** An entry: opcode, flags, and what they are about. */
export interface Entry {
  readonly op: number;
  readonly flags: number;
  readonly fd?: number;
  readonly address: number;
  readonly length?: number;
  readonly id?: number;
}

/** Where the kernel has put the parts of the ring, in words. */
interface RingOffsets {
  readonly sqTail: number;
  readonly sqFlags: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly ends: number;
}

export class IoUring {
  /** Of a byte, 0. */
  readonly byteAddress: number;
  readonly #calls: RingCalls;
  /** Ring and entries. */
  readonly #words: Uint32Array;
  /** Where those begin, in words. */
  readonly #entries: number;
  readonly #times: BigInt64Array;
  readonly #at: RingOffsets;
  readonly #fd: number;
  /** Entries since the last `submit`. */
  #put = 0;

  /** `owned` gets the descriptors that are to be closed when this throws, or with the ring. */
  constructor(calls: RingCalls, owned: number[]) {
    this.#calls = calls;
    // Ring, entries and scratch have a page each, at which the kernel wants the first two to begin.
    const page = calls.pageSize();
    const buffer = new (SharedArrayBuffer as GrowableBuffer)(3 * page, { maxByteLength: 3 * page });
    const address = calls.addressOf(new Uint8Array(buffer));
    this.#words = new Uint32Array(buffer, 0, (2 * page) / 4);
    this.#times = new BigInt64Array(buffer, 2 * page + TIMES, 2 * ENTRIES);
    this.#entries = page / 4;
    this.byteAddress = address + 2 * page;
    const params = new Uint32Array(PARAMS.size);
    params[PARAMS.cqEntries] = ENDS;
    params[PARAMS.flags] = SETUP_FLAGS;
    setAddress(params, PARAMS.cqAddress, address);
    setAddress(params, PARAMS.sqAddress, address + page);
    this.#fd = own(calls, calls.setup(ENTRIES, params), owned);
    this.#at = offsetsIn(params);
    this.#checkSleeps();
  }

  /** Step put of what sleeps while a word has a value. */
  putSleep(id: number, address: number, expected: number, flags: number): void {
    const entry = this.put({ op: OP.sleep, flags, fd: FUTEX2_SIZE_U32, address, id });
    this.#words[entry + ENTRY.value] = expected;
    this.#words[entry + ENTRY.mask] = MATCH_ANY;
  }

  /** Step put: the index of its first word. Submits what was put before when there is no room. */
  put({ op, flags, fd = -1, address, length = 0, id = 0 }: Entry): number {
    if (this.#put === ENTRIES) this.submit();
    const next = (word(this.#words, this.#at.sqTail) + this.#put) & (ENTRIES - 1);
    const entry = this.#entries + next * ENTRY.size;
    this.#put += 1;
    // Not `fill`, which takes longer for so few.
    for (let at = entry; at < entry + ENTRY.size; at += 1) this.#words[at] = 0;
    this.#words[entry] = op | (flags << 8);
    this.#words[entry + ENTRY.fd] = fd;
    this.#words[entry + ENTRY.length] = length;
    setAddress(this.#words, entry + ENTRY.address, address);
    setAddress(this.#words, entry + ENTRY.id, id);
    return entry;
  }

  /** Address of a time for the entry that is put next. The kernel reads it when that is submitted. */
  timeFor(ms: number): number {
    const at = 2 * this.#put;
    const seconds = Math.floor(ms / 1000);
    this.#times[at] = BigInt(seconds);
    this.#times[at + 1] = BigInt(Math.round((ms - seconds * 1000) * 1e6));
    return this.byteAddress + TIMES + 8 * at;
  }

  /** @throws when the kernel has not taken all: an entry may lack the one that it was linked to, which nobody can mend */
  submit(): void {
    const count = this.#put;
    const { sqTail } = this.#at;
    this.#put = 0;
    Atomics.store(this.#words, sqTail, word(this.#words, sqTail) + count);
    for (;;) {
      const taken = this.#calls.enter(this.#fd, count, 0, 0);
      if (taken === count) return;
      const errno = taken < 0 ? this.#calls.errno() : 0;
      if (errno !== EINTR) throw new Error(`io_uring_enter took ${taken} of ${count} entries, errno ${errno}`);
    }
  }

  /** Step drain: one end, if there is one. */
  nextEnd(): End | undefined {
    const { cqHead, cqTail, ends } = this.#at;
    const words = this.#words;
    const head = word(words, cqHead);
    if (head === Atomics.load(words, cqTail)) return undefined;
    const at = ends + (head & (ENDS - 1)) * END.size;
    const end = { id: word(words, at) + word(words, at + 1) * 2 ** 32, result: word(words, at + END.result) | 0 };
    Atomics.store(words, cqHead, head + 1);
    return end;
  }

  /** Step drain, of a queue that is empty: whether ends that had found no room may be in it now. */
  fetch(): boolean {
    if ((Atomics.load(this.#words, this.#at.sqFlags) & SQ_CQ_OVERFLOW) === 0) return false;
    return this.#calls.enter(this.#fd, 0, 0, GET_EVENTS) >= 0 || [EINTR, EBUSY].includes(this.#calls.errno());
  }

  /** @throws where the kernel has rings, but does not let them wait for words */
  #checkSleeps(): void {
    this.putSleep(1, this.byteAddress, 1, 0);
    this.submit();
    const { result } = this.nextEnd() ?? {};
    if (result !== -EAGAIN) throw refused("a ring cannot wait for words", -(result ?? 0));
  }
}

/** The number is for who asks why there is no ring. */
function refused(what: string, errno: number): Error {
  return Object.assign(new Error(`${what}, errno ${errno}`), { errno });
}

function offsetsIn(params: Uint32Array): RingOffsets {
  const at = (field: number): number => word(params, field) / 4;
  return {
    sqTail: at(PARAMS.sqTail),
    sqFlags: at(PARAMS.sqFlags),
    cqHead: at(PARAMS.cqHead),
    cqTail: at(PARAMS.cqTail),
    ends: at(PARAMS.ends),
  };
}

/**
 * Another number for a descriptor, one that Node knows: it closes those of a thread that is terminated. Not that of memory that is
 * mapped, which would keep the ring.
 */
export function own(calls: RingCalls, fd: number, owned: number[]): number {
  if (fd < 0) throw refused("no descriptor", calls.errno());
  try {
    const known = fs.openSync("/dev/null", "r");
    owned.push(known);
    if (calls.dup3(fd, known, O_CLOEXEC) < 0) throw new Error(`dup3 failed, errno ${calls.errno()}`);
    return known;
  } finally {
    calls.close(fd);
  }
}

export function closeAll(owned: number[]): void {
  for (const fd of owned.splice(0)) fs.closeSync(fd);
}

/** 64 bits, of which an address or number has 53 at most. */
function setAddress(words: Uint32Array, at: number, value: number): void {
  words[at] = value >>> 0;
  words[at + 1] = Math.floor(value / 2 ** 32);
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}
