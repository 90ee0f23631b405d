/** Regions of a depot for one test file: each new, closed after its test; and their words. */
import { afterEach } from "vitest";
import { memoryOf, offsetOf, type Region } from "@shmgen/runtime/codegen-v1";
import { A_KIND, type KINDS } from "../run/system.js";
import { type DepotData, type DepotForm, type DepotModule, generateDepot } from "./depot.js";

/** How a region is mapped: see the option `mapping`. */
export type Mapping = (typeof KINDS)[number];

export interface Depots {
  /** The URL of the generated module. */
  readonly url: string;
  readonly Depot: DepotModule["Depot"];
  /** Of the region that was made last. */
  readonly name: () => string;
  depot(mapping?: Mapping): DepotData;
  /** That was made last. */
  region(): Region<DepotData>;
  /** Its data, with all that the tail has by now. */
  again(): DepotData;
  /** Closes all regions that are open. */
  close(): void;
  /** A word at a place of a field of the root, bytes. */
  get(data: DepotData, field: string, at: number): number;
  set(data: DepotData, field: string, at: number, value: number): void;
}

export async function depots(form: DepotForm = {}): Promise<Depots> {
  const url = generateDepot(form);
  const { Depot } = (await import(url)) as DepotModule;
  const opened: Region<DepotData>[] = [];
  let regions = 0;
  const close = (): void => {
    for (const region of opened.splice(0)) region.close();
  };
  afterEach(close);
  const place = (data: DepotData, field: string, at: number): [words: Uint32Array, index: number] => {
    const { offset = 0 } = Depot.layout.fields.find(({ name }) => name === field) ?? {};
    return [memoryOf(data).u32, (offsetOf(data) + offset + at) / 4];
  };
  return {
    url,
    Depot,
    name: () => `depot-${regions}`,
    depot: (mapping = A_KIND) => {
      const options = form.grows === true ? { mapping, tailLength: 0 } : { mapping };
      const region = Depot.createOrOpen(`depot-${(regions += 1)}`, options);
      opened.push(region);
      return region.data;
    },
    region: () => opened.at(-1) as Region<DepotData>,
    again: () => {
      const region = opened.at(-1) as Region<DepotData>;
      region.refresh();
      return region.data;
    },
    close,
    get: (data, field, at) => Atomics.load(...place(data, field, at)),
    set: (data, field, at, value) => void Atomics.store(...place(data, field, at), value),
  };
}
