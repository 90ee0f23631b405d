/** `shmgen inspect`: one region, shown from its own description. */
import { setImmediate as turn } from "node:timers/promises";
import { creatorOf } from "@shmgen/schema/header";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import { RegionFile } from "../inspect/region-file.js";
import { Selection } from "../inspect/select.js";
import { InspectError } from "../inspect/source.js";
import { type Invocation, valueOf } from "./command.js";
import { EXIT, errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { changing, type InspectRequest, openFile, pieces, refuse } from "./inspect-region.js";
import { loadRuntime, regionPathOf } from "./regions.js";

export async function run(invocation: Invocation): Promise<number> {
  const request = await requestOf(invocation);
  if (invocation.command === "watch" || invocation.flags.has("watch")) {
    const { watchRegion } = await import("./inspect-watch.js");
    return watchRegion(request);
  }
  const file = openFile(request);
  if (!(file instanceof RegionFile)) return refuse(request, file);
  try {
    return request.all ? await showAll(request, file) : showSome(request, file);
  } catch (error) {
    if (error instanceof InspectError) return refuse(request, changing(error));
    throw errnoOf(error) === undefined ? error : systemFailure("read", request.path, error);
  } finally {
    file.close();
  }
}

async function requestOf(invocation: Invocation): Promise<InspectRequest> {
  const { command, positionals, flags, values, terminal } = invocation;
  const [name, superfluous] = positionals;
  if (name === undefined)
    throw usageFailure(`shmgen ${command} needs a region: NAME or PATH`, "shmgen list shows them");
  if (superfluous !== undefined)
    throw usageFailure(`shmgen ${command} takes one region, found '${superfluous}' as well`);
  const watch = command === "watch" || flags.has("watch");
  for (const [one, other] of [
    ["annotate", "json"],
    ["annotate", "fields"],
    ["watch", "annotate"],
    ["watch", "all"],
  ] as const) {
    const has = (option: string): boolean => flags.has(option) || values.has(option) || (option === "watch" && watch);
    if (has(one) && has(other)) throw usageFailure(`--${one} and --${other} exclude each other`);
  }
  if (values.has("interval") && !watch) throw usageFailure("--interval goes with --watch");
  const intervalMs = Number(valueOf(invocation, "interval") ?? 1000);
  if (!Number.isInteger(intervalMs) || intervalMs < 10 || intervalMs > 3_600_000) {
    throw usageFailure(`--interval takes 10 to 3600000 ms, found '${valueOf(invocation, "interval")}'`);
  }
  const globs = values.get("fields") ?? [];
  const stillRuns = await loadRuntime().then(
    (runtime) => runtime.stillRuns,
    () => undefined,
  );
  return {
    terminal,
    name,
    path: await regionPathOf(invocation, name),
    json: flags.has("json"),
    annotate: flags.has("annotate"),
    all: flags.has("all"),
    globs,
    selection: globs.length === 0 ? undefined : new Selection(globs),
    intervalMs,
    isCreatorRunning: (header) => stillRuns?.(creatorOf(header)),
  };
}

/** Everything is read before anything is printed, and read again when the region changed meanwhile. */
function showSome(request: InspectRequest, file: RegionFile): number {
  const result = inspectSteadily(
    () => file.source(),
    (region, source) => [...pieces(request, region, source)].join(""),
    { exact: request.annotate },
  );
  if ("why" in result) return refuse(request, { ...result, size: file.source().size });
  request.terminal.out(result.value);
  return EXIT.clean;
}

/** Characters that are printed at a time. */
const CHUNK = 1 << 16;

/** Printed while it is read: the memory that this takes does not depend on the region. */
async function showAll(request: InspectRequest, file: RegionFile): Promise<number> {
  const { terminal } = request;
  const begun = inspectSteadily(
    () => file.source(),
    (_, source, isStill) => ({ source, isStill }),
    { exact: request.annotate },
  );
  if ("why" in begun) return refuse(request, { ...begun, size: file.source().size });
  const { source, isStill } = begun.value;
  let text = "";
  for (const piece of pieces(request, begun.region, source)) {
    text += piece;
    if (piece !== "" && text.length < CHUNK) continue;
    terminal.out(text);
    text = "";
    // Lets the news through that nobody reads any more, or that we are to stop.
    await turn();
    if (terminal.abandoned) return EXIT.clean;
  }
  terminal.out(text);
  if (isStill()) return EXIT.clean;
  const what = request.annotate ? "grown or made anew" : "made anew";
  throw new InspectError("changed", `it was ${what} while it was read, and what is printed may be mixed`);
}
