/** Regions with rings for one test file, closed after each test. */
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Region } from "@shmgen/runtime";
import { regionDirectory } from "../processes/processes.js";
import { type Floor, floorOf, type Held } from "./ring-region.mjs";

/** On Windows what a process had mapped that was ended may be in use for a moment. */
const PATIENT = { recursive: true, maxRetries: 50, retryDelay: 20 };

/** What tests get that use rings. */
export interface Floors {
  readonly directory: string;
  readonly opened: { close(): void }[];
  /** The region of rings of `length`. */
  open<K extends keyof Held = "Order">(length?: number, of?: K): Region<Floor<K>>;
  floor<K extends keyof Held = "Order">(length?: number, of?: K): Floor<K>;
  /** A ring of numbers whose both roles are ours, and whose counters begin at `start`. */
  numbers(length: number, start?: number): ReturnType<typeof bothSides>;
}

function bothSides(data: Floor<"u32">, start: number) {
  data.setWord("tail", start);
  data.setWord("head", start);
  return { data, ring: data.orders, producer: data.orders.producer(), consumer: data.orders.consumer() };
}

export function floors(): Floors {
  const directory = regionDirectory();
  const opened: { close(): void }[] = [];
  afterEach(() => {
    for (const region of opened.splice(0)) region.close();
    for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { force: true, ...PATIENT });
  });
  const open = <K extends keyof Held = "Order">(length = 8, of: K = "Order" as K): Region<Floor<K>> => {
    const region = floorOf({ length, of }).createOrOpen("floor");
    opened.push(region);
    return region;
  };
  return {
    directory,
    opened,
    open,
    floor: (length, of) => open(length, of).data,
    numbers: (length, start = 0) => bothSides(open(length, "u32").data, start),
  };
}

/** What the error says that a call throws; "none" when it throws nothing. */
export function messageOf(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (error) {
    return String((error as Error).message);
  }
}
