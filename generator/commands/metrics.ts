/** `shmgen metrics`: what the counters of a region say, for Prometheus. */
import type { ServerResponse } from "node:http";
import { printableJson } from "@shmgen/schema/printable";
import { EXIT, errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { EXPOSITION_TYPE, expositionOf, metricsJson } from "../inspect/exposition.js";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import { type Metrics, metricsOf } from "../inspect/metrics.js";
import { InspectError } from "../inspect/source.js";
import { safeText } from "../inspect/values.js";
import { type Invocation, portOf } from "./command.js";
import { changing, openFile, type Problem, refuse, type RegionRequest, regionRequestOf } from "./inspect-region.js";
import { refuseBy, serveOnLoopback } from "./loopback.js";

export async function run(invocation: Invocation): Promise<number> {
  const port = portOf(invocation, "serve");
  const request = await regionRequestOf(invocation);
  if (port !== undefined && request.json) throw usageFailure("--serve answers with text, and takes no --json");
  const found = look(request);
  if ("why" in found) return refuse(request, found);
  warn(request, found);
  if (port !== undefined) return serve(request, port);
  request.terminal.out(request.json ? `${printableJson(metricsJson(found))}\n` : expositionOf(found));
  return EXIT.clean;
}

/** One look at the region. @throws CommandFailure (exit code 3) where the system refuses */
function look(request: RegionRequest): Metrics | Problem {
  const file = openFile(request);
  if ("why" in file) return file;
  try {
    const result = inspectSteadily(
      () => file.source(),
      (region, source) => metricsOf(region, source, file.source()),
    );
    if ("why" in result) return { ...result, size: file.source().size };
    if (result.value.containers > 0) return result.value;
    return { state: "ready", why: "it has no counters", hint: "shmgen inspect shows its fields" };
  } catch (error) {
    if (error instanceof InspectError) return changing(error);
    throw errnoOf(error) === undefined ? error : systemFailure("read", request.path, error);
  } finally {
    file.close();
  }
}

function warn({ terminal, name }: RegionRequest, { refused, isCut }: Metrics): void {
  for (const [metric, why] of refused) terminal.err(`shmgen: ${safeText(name)}: ${metric} ${why}\n`);
  if (isCut) terminal.err(`shmgen: ${safeText(name)}: there are more containers than are looked at\n`);
}

/** Answers until it is told to stop. */
async function serve(request: RegionRequest, port: number): Promise<number> {
  const { terminal } = request;
  const stopped = new Promise<void>((stop) => terminal.onStop(stop));
  const server = await serveOnLoopback(port, (path, answer) => answerTo(request, path, answer));
  terminal.out(`${server.origin}/metrics\n`);
  await stopped;
  await server.close();
  return EXIT.clean;
}

function answerTo(request: RegionRequest, path: string, answer: ServerResponse): void {
  if (path !== "/metrics") return refuseBy(answer, 404, "metrics are at /metrics");
  const found = look(request);
  if ("why" in found) return refuseBy(answer, 503, safeText(found.why));
  answer.writeHead(200, { "content-type": EXPOSITION_TYPE }).end(expositionOf(found));
}
