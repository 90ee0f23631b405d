/** Names of enums' members, in both output forms. */
import { describe, expect, it } from "vitest";
import { nameOf, namesOf, valueNamed } from "@shmgen/runtime";
import { MemoryView } from "@shmgen/runtime/codegen-v1";
import { Alarm, Gear } from "../golden/kitchen-sink/out/parts.js";
import { importSchema } from "../support/schemas/generated.js";

const SCHEMA = `
import type { enumOf, flags, u8 } from "@shmgen/schema";
/** @repr u8 */
export enum Gear { Park, Reverse, Neutral, Drive }
export type Level = enumOf<{ Low: 5; High: 7 }, u8>;
/** @repr u8 */
export enum Alarm { None = 0, Oil = 1, Heat = 2, Both = 3, Door = 128 }
export interface Car { gear: Gear; level: Level; alarms: flags<Alarm, u8> }
`;
interface Car {
  gear: number;
  level: number;
  alarms: number;
}
type Members = Readonly<Record<string, number>>;

describe("names of enums", () => {
  it("follow from values, and values from names", () => {
    expect(Object.values(Gear).map((value) => nameOf(Gear, value))).toEqual(["Park", "Reverse", "Neutral", "Drive"]);
    expect(nameOf(Gear, 4)).toBeUndefined();
    expect(nameOf(Gear, NaN)).toBeUndefined();
    expect(valueNamed(Gear, "Drive")).toBe(Gear.Drive);
    expect(valueNamed(Gear, "drive" as string)).toBeUndefined();
    expect(Object.keys(Gear).map((name) => nameOf(Gear, valueNamed(Gear, name) ?? NaN))).toEqual(Object.keys(Gear));
    expect(namesOf(Alarm, Alarm.Oil | Alarm.Door)).toEqual(["Oil", "Door"]);
    expect(namesOf(Alarm, 0)).toEqual([]);
    // Of two names for one value the first.
    expect(nameOf({ A: 1, B: 1, C: 2 }, 1)).toBe("A");
  });

  it("are those of what memory holds, in JavaScript that was generated", async () => {
    const module = await importSchema<{
      Gear: Members;
      Level: Members;
      Alarm: Members;
      Car: new (view: MemoryView, offset: number) => Car;
    }>({ "car.shm.ts": SCHEMA }, "car.shm.ts");
    const view = new MemoryView({ buffer: new ArrayBuffer(8), byteLength: 8, readOnly: false, label: "x" });
    const car = new module.Car(view, 0);
    car.gear = valueNamed(module.Gear, "Reverse") ?? NaN;
    car.level = valueNamed(module.Level, "High") ?? NaN;
    car.alarms = 0xff;
    expect([nameOf(module.Gear, car.gear), nameOf(module.Level, car.level)]).toEqual(["Reverse", "High"]);
    expect(namesOf(module.Alarm, car.alarms)).toEqual(["Oil", "Heat", "Both", "Door"]);
    // What every object has is no member.
    expect(valueNamed(module.Gear, "toString")).toBeUndefined();
    expect(valueNamed(module.Gear, "__proto__")).toBeUndefined();
    view.u8[0] = 200;
    expect(nameOf(module.Gear, car.gear)).toBeUndefined();
    // The constants are what they were.
    expect(Object.keys(module.Gear)).toEqual(["Park", "Reverse", "Neutral", "Drive"]);
  });

  it("what is no enum is refused", () => {
    for (const call of [nameOf, namesOf, valueNamed] as ((of: never, value: never) => unknown)[]) {
      expect(() => call(undefined as never, 1 as never)).toThrow(
        "of is an enum of generated code: found=undefined; pass the enum, such as Gear",
      );
    }
  });
});
