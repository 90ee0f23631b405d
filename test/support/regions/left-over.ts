import { Counter } from "./counter.mjs";

/** A region that nobody has open, complete and with 11 in it. */
export function left(name: string, directory?: string): void {
  const options = { cleanup: "keep", ...(directory !== undefined && { directory }) } as const;
  const region = Counter.createOrOpen(name, options);
  region.data.count = 11;
  region.close();
}
