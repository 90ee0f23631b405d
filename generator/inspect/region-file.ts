/** A region's file, opened to be looked at: read-only, by pread, without any lock, and never mapped. */
import * as fs from "node:fs";
import { type ByteSource, InspectError, type LiveMemory } from "./source.js";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** An open file. A mapping would end us by SIGBUS when somebody cuts the file short. */
export class RegionFile implements LiveMemory {
  readonly path: string;
  readonly #stat: (path: string) => fs.BigIntStats | undefined;
  readonly #fd: number;
  readonly dev: bigint;
  readonly ino: bigint;

  /**
   * `follows`: a symbolic link is the file that it leads to, which no region of ours has.
   * @throws InspectError "damaged" when it is no regular file
   * @throws the error of the system call
   */
  constructor(path: string, { follows = false }: { readonly follows?: boolean } = {}) {
    this.path = path;
    const look = follows ? fs.statSync : fs.lstatSync;
    this.#stat = (name) => look(name, { bigint: true, throwIfNoEntry: false });
    const what = follows ? "only a regular file can be shown" : "a region is a regular file";
    // To open a device or FIFO may do something by itself.
    checkRegular(look(path, { bigint: true }), what);
    this.#fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW));
    try {
      const stat = fs.fstatSync(this.#fd, { bigint: true });
      checkRegular(stat, what);
      this.dev = stat.dev;
      this.ino = stat.ino;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  source(): ByteSource {
    const size = fs.fstatSync(this.#fd).size;
    return { size, read: (offset, length) => this.#read(offset, length) };
  }

  #read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = fs.readSync(this.#fd, bytes, done, length - done, offset + done);
      if (count === 0) throw new InspectError("changed", "the file became shorter while it was read");
      done += count;
    }
    return bytes;
  }

  fate(): "same" | "replaced" | "gone" {
    const stat = this.#stat(this.path);
    if (stat === undefined) return "gone";
    return stat.dev === this.dev && stat.ino === this.ino ? "same" : "replaced";
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

function checkRegular(stat: fs.BigIntStats, wanted: string): void {
  if (stat.isFile()) return;
  const what = stat.isDirectory() ? "a folder" : stat.isSymbolicLink() ? "a symbolic link" : "not a regular file";
  throw new InspectError("damaged", `it is ${what}, and ${wanted}`);
}
