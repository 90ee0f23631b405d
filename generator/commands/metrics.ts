/** `shmgen metrics`: what the counters of a region say, for Prometheus. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { printableJson } from "@shmgen/schema/printable";
import { EXIT, errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { EXPOSITION_TYPE, expositionOf, metricsJson } from "../inspect/exposition.js";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import { type Metrics, metricsOf } from "../inspect/metrics.js";
import { RegionFile } from "../inspect/region-file.js";
import { InspectError } from "../inspect/source.js";
import { safeText } from "../inspect/values.js";
import { type Invocation, valueOf } from "./command.js";
import { changing, openFile, type Problem, refuse, type RegionRequest, regionRequestOf } from "./inspect-region.js";

/** Nobody else on the network is to read what a machine counts. */
const HOST = "127.0.0.1";
/** As whom this machine may be asked: a page of a browser that resolves its own name to 127.0.0.1 is refused. */
const HOSTS = new Set([HOST, "localhost"]);

export async function run(invocation: Invocation): Promise<number> {
  const port = portOf(invocation);
  const request = await regionRequestOf(invocation);
  if (port !== undefined && request.json) throw usageFailure("--serve answers with text, and takes no --json");
  const found = look(request);
  if ("why" in found) return refuse(request, found);
  warn(request, found);
  if (port !== undefined) return serve(request, port);
  request.terminal.out(request.json ? `${printableJson(metricsJson(found))}\n` : expositionOf(found));
  return EXIT.clean;
}

function portOf(invocation: Invocation): number | undefined {
  const given = valueOf(invocation, "serve");
  const port = Number(given ?? 0);
  if (!/^\d+$/.test(given ?? "0") || port > 65_535) throw usageFailure(`--serve takes a port, found '${given}'`);
  return given === undefined ? undefined : port;
}

/** One look at the region. @throws CommandFailure (exit code 3) where the system refuses */
function look(request: RegionRequest): Metrics | Problem {
  const file = openFile(request);
  if (!(file instanceof RegionFile)) return file;
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
  const server = createServer((asked, answer) => answerTo(request, asked, answer));
  const { terminal } = request;
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(systemFailure("listen", `${HOST}:${port}`, error)));
    server.once("close", () => resolve(EXIT.clean));
    server.listen(port, HOST, () => {
      terminal.out(`http://${HOST}:${(server.address() as AddressInfo).port}/metrics\n`);
      terminal.onStop(() => {
        server.close();
        server.closeAllConnections();
      });
    });
  });
}

function answerTo(
  request: RegionRequest,
  { method, url = "", headers }: IncomingMessage,
  answer: ServerResponse,
): void {
  const refuseBy = (status: number, why: string): void => {
    answer.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
  };
  if (!HOSTS.has((headers.host ?? "").replace(/:\d+$/, ""))) return refuseBy(403, "asked by another name");
  if (method !== "GET" && method !== "HEAD") return refuseBy(405, "only GET is answered");
  if (url.replace(/\?.*$/s, "") !== "/metrics") return refuseBy(404, "metrics are at /metrics");
  let found: Metrics | Problem;
  try {
    found = look(request);
  } catch (error) {
    return refuseBy(500, safeText(error instanceof Error ? error.message : String(error)));
  }
  if ("why" in found) return refuseBy(503, safeText(found.why));
  answer.writeHead(200, { "content-type": EXPOSITION_TYPE, "cache-control": "no-store" }).end(expositionOf(found));
}
