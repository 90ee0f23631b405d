/**
 * Serving on this machine alone: what `metrics --serve` and `watch --html` have in common. A browser obeys pages of others, so a
 * request is answered only when it was meant for us (Host: a name that resolves to 127.0.0.1 is another one) and does not come
 * from a page of somebody else (Origin, Sec-Fetch-Site).
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemFailure } from "../diagnostics/failure.js";
import { safeText } from "../inspect/values.js";

/** Nobody else on the network is to read what a machine has in memory. */
const HOST = "127.0.0.1";
/** As whom this machine may be asked, through a forwarded port as well. */
const HOSTS = new Set([HOST, "localhost"]);
/** How long connections may take to end by themselves. */
const GRACE_MS = 1000;

/** Of all answers: they are not kept, not framed, not guessed at, and not loaded by pages of others. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Answers what GET or HEAD asks for; `path` is without what follows `?`. */
export type Answerer = (path: string, answer: ServerResponse, method: "GET" | "HEAD") => void;

/** A server that answers. */
export interface LoopbackServer {
  /** `"http://127.0.0.1:41234"` */
  readonly origin: string;
  /** Takes no more connections, and waits for those that there are to end, but not for long. */
  close(): Promise<void>;
}

/** Listens at once; port 0 is any. @throws CommandFailure (exit code 3) where the port cannot be had */
export async function serveOnLoopback(port: number, answerer: Answerer): Promise<LoopbackServer> {
  const server = createServer((asked, answer) => answerTo(answerer, asked, answer));
  await new Promise<void>((done, fail) => {
    server.once("error", (error) => fail(systemFailure("listen", `${HOST}:${port}`, error)));
    server.listen(port, HOST, done);
  });
  return {
    origin: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(impatience);
          done();
        });
        server.closeIdleConnections();
      }),
  };
}

/** An answer that says why there is no other. */
export function refuseBy(answer: ServerResponse, status: number, why: string): void {
  answer.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
}

function answerTo(answerer: Answerer, { method, url = "", headers }: IncomingMessage, answer: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) answer.setHeader(name, value);
  const why = refusalOf(headers);
  if (why !== undefined) return refuseBy(answer, 403, why);
  if (method !== "GET" && method !== "HEAD") return refuseBy(answer, 405, "only GET is answered");
  try {
    answerer(url.replace(/\?.*$/s, ""), answer, method);
  } catch (error) {
    if (answer.headersSent) return void answer.destroy();
    refuseBy(answer, 500, safeText(error instanceof Error ? error.message : String(error)));
  }
}

/** Why a request is none of this machine's own; undefined for one that is. */
function refusalOf({ host = "", origin, "sec-fetch-site": site }: IncomingHttpHeaders): string | undefined {
  if (!HOSTS.has(host.replace(/:\d+$/, ""))) return "asked by another name";
  if (origin !== undefined && origin !== `http://${host}`) return "asked by a page of another origin";
  if (site !== undefined && site !== "same-origin" && site !== "none") return "asked by a page of another site";
  return undefined;
}
