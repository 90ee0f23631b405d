/** `--mapping NAME`: memory of another program that has a name on Windows, looked at through a mapping that is only read. */
import type * as Doors from "@shmgen/runtime/codegen-v1";
import { CommandFailure, EXIT } from "../diagnostics/failure.js";
import type { LiveMemory } from "../inspect/source.js";

/** Nothing has the name. */
export interface AbsentMemory {
  readonly state: "absent";
  readonly why: string;
  readonly hint: string | undefined;
}

/** How to open it, again and again. @throws CommandFailure (exit code 3) where the runtime is not installed */
export async function namedMemory(mapping: string): Promise<() => LiveMemory | AbsentMemory> {
  const doors = await loadDoors();
  // Of any struct: what is in it, the schema says.
  const layout: Doors.StructLayout = { name: "Memory", size: 1, align: 1, fields: [], fingerprint: "0", docs: "" };
  class Any extends doors.Flyweight {
    static readonly layout = layout;
  }
  class AnyReader extends doors.FlyweightReader {
    static readonly layout = layout;
  }
  const definition = { accessor: Any, reader: AnyReader, expects: [] };
  return () => {
    try {
      return liveMemory(doors.attachForeign(definition, { mapping }));
    } catch (error) {
      if (!doors.isShmError(error)) throw error;
      const [what = "", ...remedy] = error.message.split("; ");
      const hint = remedy.length === 0 ? undefined : remedy.join("; ");
      if (error.code === "ERR_SHM_NOT_FOUND") return { state: "absent", why: what, hint };
      throw new CommandFailure(error.code === "ERR_SHM_RANGE" ? EXIT.usage : EXIT.environment, what, hint);
    }
  };
}

async function loadDoors(): Promise<typeof Doors> {
  try {
    return await import("@shmgen/runtime/codegen-v1");
  } catch (cause) {
    const hint = "npm install @shmgen/runtime, in the version of shmgen";
    throw new CommandFailure(EXIT.environment, `@shmgen/runtime cannot be loaded: ${String(cause)}`, hint);
  }
}

function liveMemory(region: Doors.Region<Doors.FlyweightReader>): LiveMemory {
  return {
    source: () => ({ size: region.size, read: (offset, length) => region.memory.bytes(offset, length) }),
    // Whoever has the name now is found by opening it again.
    fate: () => (region.isCurrent() ? "same" : "replaced"),
    close: () => region.close(),
  };
}
