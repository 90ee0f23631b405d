/** Watches the WAL of a live SQLite database through its shared memory: `node reader.js app.db [lines]`. */
import { setTimeout as sleep } from "node:timers/promises";
import { snapshot, type Snapshot } from "@shmgen/runtime";
import { WalIndex, type WalIndexHeaderReader, type WalIndexReader } from "./generated/wal-index.js";

/**
 * One consistent copy of the header. SQLite writes the second copy first and the first copy last, so a reader that
 * finds both equal has not met a writer half-way.
 */
export function readHeader(wal: WalIndexReader): Snapshot<WalIndexHeaderReader> {
  for (;;) {
    const first = snapshot(wal.header.at(0));
    const second = snapshot(wal.header.at(1));
    if (JSON.stringify(first) === JSON.stringify(second)) return first;
  }
}

/** What one line shows. */
export function describe(wal: WalIndexReader): string {
  const { mxFrame, nPage, salt } = readHeader(wal);
  const marks = [...wal.readMarks].map((mark) => (mark === 0xffff_ffff ? "-" : String(mark)));
  const salts = salt.map((value) => value.toString(16).padStart(8, "0")).join(" ");
  return `mxFrame ${mxFrame}, nPage ${nPage}, salts ${salts}, backfilled ${wal.backfilled}, read marks ${marks.join(" ")}`;
}

const [database, lines = "Infinity"] = process.argv.slice(2);
if (database !== undefined) {
  using region = WalIndex.attach(`${database}-shm`);
  let shown = "";
  for (let line = 0; line < Number(lines);) {
    const now = describe(region.data);
    if (now !== shown) {
      console.log(now);
      shown = now;
      line += 1;
    }
    await sleep(20);
  }
}
