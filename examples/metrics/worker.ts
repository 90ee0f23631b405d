/** One worker of the cluster: answers requests, and counts them in series of its own. */
import { createServer } from "node:http";
import { Metrics } from "./generated/metrics.js";

export function serve(): void {
  const region = Metrics.open(process.env["METRICS_REGION"] ?? "metrics");
  // The number of a worker's place, and not its pid: whoever takes the place goes on with what was counted there.
  const worker = process.env["METRICS_WORKER"] ?? "0";
  const { stats } = region.data;
  const requests = stats.counter("http_requests_total", { worker }, { help: "Requests that were answered" });
  const seconds = stats.histogram("http_request_seconds", {}, { help: "How long answers took" });
  const memory = stats.gauge("worker_memory_bytes", { worker });
  createServer((_request, response) => {
    const begun = performance.now();
    // Before the answer: a client that was answered has been counted.
    requests.add();
    memory.set(process.memoryUsage.rss());
    response.end("hello\n", () => seconds.observe((performance.now() - begun) / 1000));
  }).listen(0, "127.0.0.1");
}
