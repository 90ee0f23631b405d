/** Compiled by emit-ts-compile.test.ts beside the generated modules of test/golden: memory of other programs as a user meets it. */
import { type MemoryView, type Region, snapshot, stable } from "@shmgen/runtime";
import { Page, type PageReader, Right, Row, type RowReader, Value } from "../golden/foreign/out/schema.js";
import { same } from "./generated-api.js";

export function fields(page: Page, reader: PageReader): void {
  same<typeof page.rights, bigint>(true);
  same<typeof page.owner, 1n | 2n | 0xffff_ffff_ffff_ffffn>(true);
  same<typeof page.kind, -1 | 0 | 1 | 2>(true);
  same<typeof page.title, string>(true);
  same<typeof page.address, bigint>(true);
  same<typeof page.state.level, number>(true);
  page.owner = Right.Write;
  // @ts-expect-error 3n is no Right
  page.owner = 3n;
  // @ts-expect-error a bigint
  page.rights = 3;
  page.$rights.set(Right.Read);
  // @ts-expect-error a pad has no accessor
  void page.state._1;
  // @ts-expect-error readers have nothing that writes
  reader.small = 1;
}

export function unions(page: Page, reader: PageReader): void {
  page.value.whole = 1;
  page.value = { part: 1.5 };
  // @ts-expect-error there is no such member
  page.value = { half: 1 };
  same<typeof page.data.name, string>(true);
  // Which members there are is the memory's to say.
  const { value, data, rows } = snapshot(reader);
  same<typeof value, { whole?: number; part?: number; raw?: Uint8Array }>(true);
  same<typeof data, { number?: number; name?: string; empty?: number[] }>(true);
  same<typeof rows, { key: number; value: number }[]>(true);
  for (const row of reader.rows) same<typeof row, RowReader>(true);
}

export function memories(region: Region<PageReader>, writable: Region<Page>, some: MemoryView): void {
  same<ReturnType<typeof Page.attach>, Region<PageReader>>(true);
  const { memory } = Page.attach("page");
  same<typeof memory, MemoryView<true>>(true);
  const row = Row.at(memory, 8);
  same<typeof row, RowReader>(true);
  const own = Row.at(writable.memory, 8);
  same<typeof own, Row>(true);
  const either = Value.at(some, 8);
  // @ts-expect-error it may be memory that is only read
  either.whole = 1;
  const [port, wide, text] = [memory.read("be u16", 1), memory.read("u128", 2), memory.text(3)];
  same<typeof port, number>(true);
  same<typeof wide, bigint>(true);
  same<typeof text, string>(true);
  // @ts-expect-error there is no such number
  memory.read("u12", 0);
  const at = stable(region, { even: "count" }, (page) => page.at);
  same<typeof at, number>(true);
  // @ts-expect-error text counts nothing
  stable(region, { even: "title" });
}
