import { describe, expect, it } from "vitest";
import { Telemetry, TelemetryReader } from "../../examples/dist/telemetry/generated/telemetry.js";
import { Flyweight } from "@shmgen/runtime/codegen-v1";
import { regionDirectory } from "../support/processes/processes.js";

const directory = regionDirectory();

describe("the generated class of a region", () => {
  it("inherits its opening methods, which work without the class in front of them", async () => {
    const { createOrOpen, open, openReadOnly, whenReady, fromToken } = Telemetry;
    using region = createOrOpen("car", { directory, initialise: (car) => (car.driver = "nobody") });
    using second = open("car", { directory });
    using third = openReadOnly("car", { directory });
    using fourth = await whenReady("car", { directory, access: "read-only" });
    using fifth = fromToken(region.token());
    expect([second, fifth].map(({ data }) => data instanceof Telemetry)).toEqual([true, true]);
    expect([third, fourth].map(({ data }) => data instanceof TelemetryReader)).toEqual([true, true]);
    expect(fifth.data.driver).toBe("nobody");
    expect(region.data).toBeInstanceOf(Flyweight);
  });

  it("has one definition, which names the class itself", () => {
    const { definition } = Telemetry;
    expect(Telemetry.definition).toBe(definition);
    expect([definition.accessor, definition.reader]).toEqual([Telemetry, TelemetryReader]);
  });

  it("keeps its own name, and has none of the methods itself", () => {
    expect(Telemetry.name).toBe("Telemetry");
    expect(Object.hasOwn(Telemetry, "createOrOpen")).toBe(false);
  });
});
