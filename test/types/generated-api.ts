/** Compiled by emit-ts-compile.test.ts beside the generated modules of test/golden: the API as a user meets it. */
import type {
  Broadcast,
  BroadcastCursor,
  BroadcastWriter,
  Mutex,
  MutexLock,
  Ring,
  RingConsumer,
  RingProducer,
  Seqlock,
} from "@shmgen/runtime";
import {
  assign,
  dotnetLocation,
  type MemoryView,
  type Migration,
  migration,
  nameOf,
  namesOf,
  type Region,
  type RegionLocation,
  type SharedRegion,
  sendRegion,
  snapshot,
  valueNamed,
} from "@shmgen/runtime/codegen-v1";
import {
  type Floor,
  type FloorReader,
  Limits,
  type LimitsReader,
  Order,
  Area,
} from "../golden/containers/out/schema.js";
import { Car, type CarReader, type Gear as CarGear } from "../golden/evolution/out/schema.js";
import { Alarm, Gear } from "../golden/kitchen-sink/out/parts.js";
import { Everything, type EverythingReader, type Level } from "../golden/kitchen-sink/out/schema.js";
import { WalIndex, type WalIndexReader } from "../golden/sqlite-wal/out/schema.js";
import { Telemetry, type TelemetryReader } from "../golden/telemetry/out/schema.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export function same<A, B>(_proof: Equal<A, B>): void {}

export function enums(car: Everything): void {
  same<Gear, 0 | 1 | 2 | 3>(true);
  same<Level, 0 | 2 | 4 | 1000>(true);
  same<(typeof Gear)["Drive"], 3>(true);
  car.n = Gear.Drive;
  car.n = 3;
  // @ts-expect-error 4 is no Gear
  car.n = 4;
  // @ts-expect-error a constant is not written to
  Gear.Park = 1;
}

export function writers(car: Everything): void {
  same<typeof car.h, bigint>(true);
  same<typeof car.k, number>(true);
  same<typeof car.m, boolean>(true);
  same<typeof car.name, string>(true);
  car.numbers = [1, 2, 3];
  car.wheels = [{ rpm: 1 }, {}, {}, { slip: 2 }];
  car.$atomicU64.add(1n);
  // @ts-expect-error a number is no bigint
  car.$atomicU64.add(1);
  // @ts-expect-error an enum has no sum
  car.$atomicGear.add(1);
  // @ts-expect-error only atomics have handles
  car.$a.load();
  // @ts-expect-error there is no such field
  car.nothing = 1;
  // @ts-expect-error a tail is written element by element
  car.samples = 5;
  same<ReturnType<typeof car.$atomicGear.load>, Gear>(true);
}

export function migrations(): void {
  Telemetry.createOrOpen("car", {
    migrate: [
      migration(Everything, (old, next) => {
        same<typeof old, EverythingReader>(true);
        same<typeof next, Telemetry>(true);
        next.driver = old.name;
        // @ts-expect-error the old one cannot be written
        old.name = "";
      }),
    ],
  });
  const way: Migration<Everything> = migration(Telemetry, (old, next) => (next.name = old.driver));
  // @ts-expect-error it leads elsewhere
  Telemetry.createOrOpen("car", { migrate: [way] });
  // @ts-expect-error foreign memory has no versions
  void migration(WalIndex, () => undefined);
}

export function readers(car: EverythingReader, telemetry: TelemetryReader): void {
  same<typeof car.h, bigint>(true);
  same<typeof telemetry.gear, 0 | 1 | 2 | 3>(true);
  const first: number | undefined = telemetry.position.at(0);
  // @ts-expect-error a reader has no setters
  car.a = 1;
  // @ts-expect-error nor do its nested structs
  car.wheel.rpm = first ?? 0;
  // @ts-expect-error nor the elements of its arrays
  car.wheels.at(0).rpm = 1;
  // @ts-expect-error nor its arrays
  car.gears.set(0, Gear.Park);
  // @ts-expect-error nor its handles
  car.$atomicU64.store(1n);
  // @ts-expect-error nor does it hand out typed arrays
  car.numbers[0] = 1;
  // @ts-expect-error flags of a reader can only be asked
  car.$p.set(1);
}

export function workers(region: Region<Telemetry>, posted: SharedRegion): void {
  same<ReturnType<typeof region.share>, SharedRegion>(true);
  const shared: Region<Telemetry> = Telemetry.fromShared(posted);
  const reader: Region<TelemetryReader> = Telemetry.fromShared(posted, { access: "read-only", timeoutMs: 100 });
  // @ts-expect-error the region itself is not what is posted
  Telemetry.fromShared(region);
  // @ts-expect-error a mapping has the rights it has
  Telemetry.fromShared(posted, { access: "private" });
  // @ts-expect-error foreign memory is attached in each thread
  WalIndex.fromShared(posted);
  void [shared, reader];
}

export function regions(memory: MemoryView): void {
  same<ReturnType<typeof Telemetry.createOrOpen>, Region<Telemetry>>(true);
  same<ReturnType<typeof Telemetry.openReadOnly>, Region<TelemetryReader>>(true);
  const attached: Region<WalIndexReader> = WalIndex.attach("/tmp/db-shm");
  const written: Region<WalIndex> = WalIndex.attach("/tmp/db-shm", { access: "read-write" });
  const page: Region<WalIndexReader> = WalIndex.attach({ mapping: "Local\\Game" });
  const comes: Promise<Region<WalIndexReader>> = WalIndex.whenAttached({ mapping: "Local\\Game" }, { timeoutMs: 100 });
  const writes: Promise<Region<WalIndex>> = WalIndex.whenAttached({ id: 7 }, { access: "read-write" });
  // @ts-expect-error nobody waits for an open file
  WalIndex.whenAttached({ fd: 3 });
  // @ts-expect-error attach does not wait
  WalIndex.attach("/tmp/db-shm", { timeoutMs: 100 });
  void [page, comes, writes, WalIndex.whenAttached(0x7368_0001), WalIndex.whenAttached("/tmp/db-shm")];
  const ready: Promise<Region<Telemetry>> = Telemetry.whenReady("car");
  const watched: Promise<Region<TelemetryReader>> = Telemetry.whenReady("car", { access: "read-only" });
  Telemetry.createOrOpen("car", { initialise: (t) => (t.driver = "nobody") });
  const copied: Region<Telemetry> = Telemetry.open("car", { access: "private" });
  // @ts-expect-error reading only has a function of its own
  Telemetry.open("car", { access: "read-only" });
  // @ts-expect-error whoever may have to initialise writes for all
  Telemetry.createOrOpen("car", { access: "private" });
  const part = copied.view({ offset: 128, access: "read-only" });
  same<ReturnType<typeof copied.onGrow>, () => void>(true);
  const location: RegionLocation = dotnetLocation("Global\\car", { userScope: true });
  void [Telemetry.createOrOpen(location), Telemetry.openReadOnly(location), Telemetry.whenReady(location)];
  Telemetry.create("car", { scope: "machine", mode: 0o660, group: "staff", owner: 0 });
  // @ts-expect-error there is no such scope
  Telemetry.open("car", { scope: "global" });
  // @ts-expect-error a foreign region is attached, never created
  WalIndex.create("x");
  // @ts-expect-error a plain struct of ours cannot be attached
  Telemetry.attach("x");
  const whole: MemoryView = copied.memory;
  same<typeof copied.memory, MemoryView<false>>(true);
  Everything.at(copied.memory, 0).b = 1;
  // @ts-expect-error a view that is only read gives the reader
  Everything.at(part, 0).b = 1;
  same<MemoryView<true>, typeof part>(true);
  // @ts-expect-error nobody knows whether it may be written
  Everything.at(whole, 0).b = 1;
  same<ReturnType<typeof EverythingReader.at>, EverythingReader>(true);
  const token: string = Telemetry.createUnique("car").token();
  same<ReturnType<typeof Telemetry.createAnonymous>, Region<Telemetry>>(true);
  const named: Region<Telemetry> = Telemetry.fromToken(token, { access: "private" });
  const seen: Region<TelemetryReader> = Telemetry.fromToken(token, { access: "read-only" });
  const inherited: Region<Telemetry> = Telemetry.attachFd(3);
  const looked: Region<TelemetryReader> = Telemetry.attachFd(3, { access: "read-only" });
  const received: Promise<Region<Telemetry>> = Telemetry.receiveRegion("/run/car", { allowOtherUsers: true });
  const listened: Promise<Region<TelemetryReader>> = Telemetry.receiveRegion("/run/car", { access: "read-only" });
  const sent: Promise<void> = sendRegion(seen, "/run/car", { timeoutMs: 100 });
  // @ts-expect-error what has no name is not kept
  Telemetry.createAnonymous({ cleanup: "keep" });
  // @ts-expect-error a unique name has no left-over
  Telemetry.createUnique("car", { onStale: "keep" });
  void [named, inherited, looked, received, listened, sent];
  void [attached, written, ready, watched, part, Everything.at(memory, 0)];
}

export function evolution(car: Car, reader: CarReader): void {
  same<typeof car.limit, number>(true);
  same<typeof car.big, bigint>(true);
  same<typeof car.gear, CarGear>(true);
  same<typeof reader.ready, boolean>(true);
  same<typeof car.count, number | undefined>(true);
  same<typeof reader.amounts, bigint | undefined>(true);
  same<typeof car.numbers, Float32Array | undefined>(true);
  // @ts-expect-error what an older region may lack has to be looked at first
  car.count += 1;
  car.count = 5;
  car.wheel = { rpm: 1 };
  car.$amounts.add(1n);
  // @ts-expect-error undefined is read, never written
  car.count = undefined;
  // @ts-expect-error a reader has no setters
  reader.limit = 1;
  // @ts-expect-error reserved bytes have no accessor
  void car.gap;
  // @ts-expect-error nor have they in a reader
  void reader.shared;
  const copy = snapshot(car);
  same<typeof copy.name, string | undefined>(true);
  same<typeof copy.wheels, { rpm: number }[] | undefined>(true);
  // @ts-expect-error reserved bytes are not in a copy
  void copy.spares;
  assign(car, { limit: 7, wheels: [{ rpm: 1 }, {}] });
  const { since, was } = Car.layout.fields[0] ?? {};
  same<typeof was, string | undefined>(true);
  void since?.version;
}

export function plain(car: Everything, reader: EverythingReader): void {
  const copy = snapshot(car);
  same<typeof copy.h, bigint>(true);
  same<typeof copy.numbers, number[]>(true);
  same<typeof copy.bigs, bigint[]>(true);
  same<typeof copy.id, Uint8Array>(true);
  same<typeof copy.wheels, { rpm: number; slip: number }[]>(true);
  same<typeof copy.grid, { rpm: number; slip: number }[][]>(true);
  same<typeof copy.q, { ready: number; mode: number; count: number }>(true);
  same<"$atomicU32" extends keyof typeof copy ? true : false, false>(true);
  const text = snapshot(car, { bigint: "string" });
  same<typeof text.h, string>(true);
  same<typeof text.bigs, string[]>(true);
  same<typeof text.numbers, number[]>(true);
  same<ReturnType<typeof numbersOf>["h"], number>(true);
  same<"toJSON" extends keyof typeof copy ? true : false, false>(true);
  // @ts-expect-error a form is one of three
  snapshot(car, { bigint: "text" });
  const other = snapshot(reader);
  same<typeof other.numbers, number[]>(true);
  same<typeof other.id, Uint8Array>(true);
  same<typeof other.wheels, { rpm: number; slip: number }[]>(true);
  assign(car, copy);
  assign(car, { wheels: [{}, {}, {}, { rpm: 1 }], q: { mode: 1 }, counters: [1, 2, 3, 4] });
  // @ts-expect-error handles are no fields
  assign(car, { $atomicU32: 1 });
  // @ts-expect-error a Gear is 0 to 3
  assign(car, { n: 7 });
}

const numbersOf = (car: Everything) => snapshot(car, { bigint: "number" });

export function names(car: Everything): void {
  same<ReturnType<typeof nameOfGear>, "Park" | "Reverse" | "Neutral" | "Drive" | undefined>(true);
  const set = namesOf(Alarm, car.p);
  same<typeof set, ("Oil" | "Heat" | "Door")[]>(true);
  const drive = valueNamed(Gear, "Drive");
  same<typeof drive, 3>(true);
  const any = valueNamed(Gear, String(car.name));
  same<typeof any, 0 | 1 | 2 | 3 | undefined>(true);
  car.n = any ?? drive;
}

const nameOfGear = (value: number) => nameOf(Gear, value);

export async function maps({ limitsOf, ordersOf, counts }: Floor, reader: FloorReader): Promise<void> {
  const plain = limitsOf.get("ayse");
  same<typeof plain, { perMinute: number; name: string } | undefined>(true);
  const copy = limitsOf.get("ayse", Limits.local());
  same<typeof copy, Limits | undefined>(true);
  limitsOf.set("ayse", { perMinute: 1 }, { ttlMs: 1, evict: "oldest" }).set("ali", {});
  // @ts-expect-error keys are texts
  limitsOf.set(1, {});
  // @ts-expect-error there is one way to evict
  limitsOf.set("ali", {}, { evict: "newest" });
  limitsOf.update("ayse", (limits) => void (limits.perMinute += 1), { initial: { perMinute: 0 } });
  const hasOne: boolean = await ordersOf.updateAsync(1n, (order) => void (order.price = 2));
  same<Parameters<typeof counts.get>[0], Area>(true);
  counts.update(Area.North, (count) => count + 1, { initial: 0 });
  // @ts-expect-error a number is returned
  counts.update(Area.North, () => undefined);
  for (const [key, value] of reader.limitsOf) void [key.length, value.perMinute];
  const keys: IterableIterator<bigint> = reader.ordersOf.keys();
  // @ts-expect-error what is only read is not changed
  reader.limitsOf.set("ayse", {});
  void [plain, copy, hasOne, keys];
}

export function series({ stats }: Floor, reader: FloorReader): void {
  const requests = stats.counter("requests_total", { method: "GET" }, { help: "Requests", onDeath: "keep" });
  requests.add();
  const memory = stats.gauge("memory_bytes");
  memory.set(1);
  stats.histogram("request_seconds").observe(0.5);
  // @ts-expect-error a counter only rises
  requests.set(1);
  // @ts-expect-error labels are texts
  stats.counter("requests_total", { worker: 3 });
  // @ts-expect-error it is kept or dropped
  stats.counter("requests_total", {}, { onDeath: "stay" });
  for (const one of reader.stats.series()) {
    if (one.kind === "histogram") void [one.buckets[0]?.le, one.count, one.sum];
    else void [one.value, one.labels["method"], one.owner];
  }
  // @ts-expect-error what is only read is not counted in
  reader.stats.counter("requests_total");
}

export async function seqlocks({ limits, level }: Floor, reader: FloorReader): Promise<void> {
  const plain = limits.read();
  same<typeof plain, { perMinute: number; name: string }>(true);
  const copy = limits.read(Limits.local());
  same<typeof copy, Limits>(true);
  same<Parameters<Parameters<typeof limits.update>[0]>[0], Limits>(true);
  // What a function returns is of no interest where it changes something in place.
  limits.update((value) => (value.perMinute = 90));
  limits.write({ perMinute: 90 });
  // @ts-expect-error there is no such field
  limits.write({ perHour: 90 });
  level.update((value) => value * 2);
  // @ts-expect-error it returns the new number
  level.update((value) => void (value + 1));
  same<number, Awaited<ReturnType<typeof level.changed>>>(true);
  for await (const value of limits.changes({ signal: AbortSignal.timeout(1) })) {
    same<typeof value, { perMinute: number; name: string }>(true);
  }
  for await (const value of reader.level) same<typeof value, number>(true);
  const read = reader.limits.read();
  same<typeof read, { perMinute: number; name: string }>(true);
  same<LimitsReader["perMinute"], number>(true);
  reader.limits.read(copy);
  // @ts-expect-error readers have nothing that writes
  reader.limits.update(() => undefined);
}

export async function broadcasts({ fills, calls }: Floor, reader: FloorReader): Promise<void> {
  using writer = fills.writer();
  writer.publish({ id: 1n, price: 2 });
  // @ts-expect-error there is no such field
  writer.publish({ name: "a" });
  same<ReturnType<typeof writer.claim>, Order>(true);
  const cursor = fills.reader({ from: "oldest" });
  const plain = cursor.read();
  same<typeof plain, { id: bigint; price: number; lines: number[] } | undefined>(true);
  const copy = cursor.read(Order.local());
  same<typeof copy, Order | undefined>(true);
  for await (const { price } of cursor.items({ signal: AbortSignal.timeout(1) })) same<typeof price, number>(true);
  for await (const name of reader.calls.reader()) same<typeof name, string>(true);
  calls.writer().publish("a");
  // @ts-expect-error it holds text
  calls.writer().publish(1);
  // @ts-expect-error readers have nothing that writes
  reader.fills.writer();
  // @ts-expect-error there is no such beginning
  fills.reader({ from: "first" });
  const follow = (one: BroadcastCursor<Order>): number => one.missed;
  const tell = (one: BroadcastWriter<Order>, order: Order): void => one.publish(order);
  const both = (one: Broadcast<Order>, order: Order): void => tell(one.writer(), order);
  void [follow(fills.reader()), both];
}

/** Functions of users that are given containers, whose types the runtime's main door has. */
export async function passed({ orders, limits, door }: Floor, signal: AbortSignal | undefined): Promise<void> {
  const feed = (producer: RingProducer<Order>, order: Order): boolean => producer.push(order);
  const first = (consumer: RingConsumer<Order>): Order | undefined => consumer.peek();
  const both = (ring: Ring<Order>): boolean => feed(ring.producer(), first(ring.consumer())!);
  const burst = (settings: Seqlock<Limits>): number => settings.read().perMinute;
  const turn = (mutex: Mutex): Promise<MutexLock> => mutex.lockAsync({ signal });
  void [both(orders), burst(limits), await turn(door)];
}
