/** An LMDB environment beside those who use it: `data.mdb` and `lock.mdb`, as `mdb_stat -e` and `mdb_stat -r` print them. */
import { join } from "node:path";
import { LockFile, MetaPage, type MetaPageReader } from "./generated/lmdb.js";

const NO_TRANSACTION = 2n ** 64n - 1n;

/** What `mdb_stat -e` says of the environment, and of its main database. */
export interface EnvironmentFacts {
  readonly pageSize: number;
  readonly mapSize: bigint;
  readonly pagesUsed: bigint;
  readonly lastTransaction: bigint;
  readonly depth: number;
  readonly branchPages: bigint;
  readonly leafPages: bigint;
  readonly entries: bigint;
}

/** By the newer of the two meta pages. */
export function environment(folder: string): EnvironmentFacts {
  const path = join(folder, "data.mdb");
  using first = MetaPage.attach(path, { length: 4096 });
  const pageSize = first.data.free.pageSize;
  using second = MetaPage.attach(path, { offset: pageSize, length: 4096 });
  const [one, other] = [first.data, second.data];
  return factsOf(other.transaction > one.transaction ? other : one, pageSize);
}

function factsOf({ mapSize, lastPage, transaction, main }: MetaPageReader, pageSize: number): EnvironmentFacts {
  const { depth, branchPages, leafPages, entries } = main;
  return {
    pageSize,
    mapSize,
    pagesUsed: lastPage + 1n,
    lastTransaction: transaction,
    depth,
    branchPages,
    leafPages,
    entries,
  };
}

/** Who reads, and which transaction it looks at; none between two. */
export function readers(folder: string): { readonly pid: number; readonly transaction: bigint | undefined }[] {
  using region = LockFile.attach(join(folder, "lock.mdb"));
  return [...region.data.readers]
    .filter(({ pid }) => pid !== 0)
    .map(({ pid, transaction }) => ({ pid, transaction: transaction === NO_TRANSACTION ? undefined : transaction }));
}

/** Lines for people. */
export function* lines(folder: string): Generator<string> {
  for (const [name, value] of Object.entries(environment(folder))) yield `${name}: ${value}`;
  for (const { pid, transaction } of readers(folder)) yield `reader ${pid}: ${transaction ?? "-"}`;
}
