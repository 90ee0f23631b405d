/** `shmgen inspect`: one region, shown from its own description. */
import { setImmediate as turn } from "node:timers/promises";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import type { ForeignShown, Inspected, Steadily } from "../inspect/shown.js";
import { Selection } from "../inspect/select.js";
import { InspectError, type LiveMemory } from "../inspect/source.js";
import { type Invocation, portOf } from "./command.js";
import { EXIT, errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { changing, type InspectRequest, openFile, pieces, refuse, regionRequestOf } from "./inspect-region.js";

export async function run(invocation: Invocation): Promise<number> {
  const request = await requestOf(invocation);
  if (invocation.flags.has("html")) {
    const { watchOnPage } = await import("./watch-page.js");
    return watchOnPage(request, portOf(invocation, "port") ?? 0);
  }
  if (invocation.command === "watch" || invocation.flags.has("watch")) {
    const { watchRegion } = await import("./inspect-watch.js");
    return watchRegion(request);
  }
  const file = openFile(request);
  if ("why" in file) return refuse(request, file);
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
  const { command, flags, values } = invocation;
  const watch = command === "watch" || flags.has("watch");
  for (const [one, other] of [
    ["annotate", "json"],
    ["annotate", "fields"],
    ["watch", "annotate"],
    ["watch", "all"],
    ["html", "json"],
  ] as const) {
    const has = (option: string): boolean => flags.has(option) || values.has(option) || (option === "watch" && watch);
    if (has(one) && has(other)) throw usageFailure(`--${one} and --${other} exclude each other`);
  }
  if (values.has("interval") && !watch) throw usageFailure("--interval goes with --watch");
  if (values.has("port") && !flags.has("html")) throw usageFailure("--port goes with --html");
  const globs = values.get("fields") ?? [];
  const schema = await foreignSchemaOf(invocation);
  return {
    ...(await regionRequestOf(invocation, schema !== undefined)),
    steadily: schema ?? inspectSteadily,
    annotate: flags.has("annotate"),
    all: flags.has("all"),
    globs,
    selection: globs.length === 0 ? undefined : new Selection(globs),
  };
}

/** The compiler is loaded where a schema is given. */
async function foreignSchemaOf(invocation: Invocation): Promise<Steadily<ForeignShown> | undefined> {
  if (!["schema", "offset"].some((option) => invocation.values.has(option))) return undefined;
  const { schemaOf } = await import("./foreign-schema.js");
  return schemaOf(invocation);
}

/** Everything is read before anything is printed, and read again when the region changed meanwhile. */
function showSome(request: InspectRequest, file: LiveMemory): number {
  const result = request.steadily(
    () => file.source(),
    (region, source) => [...pieces(request, region, source)].join(""),
    { exact: request.annotate },
  );
  if ("why" in result) return refuse(request, { ...result, size: file.source().size });
  request.terminal.out(result.value);
  return exitOf(result.region);
}

/** Memory that is not as its schema expects is shown all the same: it is then that people want to see it. */
function exitOf(shown: Inspected | ForeignShown): number {
  return shown.header === undefined && shown.unexpected.length > 0 ? EXIT.findings : EXIT.clean;
}

/** Characters that are printed at a time. */
const CHUNK = 1 << 16;

/** Printed while it is read: the memory that this takes does not depend on the region. */
async function showAll(request: InspectRequest, file: LiveMemory): Promise<number> {
  const { terminal } = request;
  const begun = request.steadily(
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
  if (isStill()) return exitOf(begun.region);
  const what = request.annotate ? "grown or made anew" : "made anew";
  throw new InspectError("changed", `it was ${what} while it was read, and what is printed may be mixed`);
}
