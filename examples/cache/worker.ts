/** One worker of the cluster: counts a visit in the session that the request names, wherever that began. */
import { createServer } from "node:http";
import { Cache, Session } from "./generated/cache.js";

/** Sessions that nobody uses for so long are gone. */
const TTL_MS = Number(process.env["CACHE_TTL_MS"] ?? 60_000);

export function serve(): void {
  const region = Cache.open(process.env["CACHE_REGION"] ?? "cache");
  const { sessions } = region.data;
  const copy = Session.local();
  createServer((request, response) => {
    const id = String(request.headers["x-session"] ?? "");
    if (request.method === "DELETE") {
      response.end(String(sessions.delete(id)));
      return;
    }
    if (request.method === "GET") {
      // Waits for nobody, also not for a worker that was killed in the middle of a change.
      response.end(String(sessions.get(id, copy)?.visits ?? 0));
      return;
    }
    // One change: no other worker's comes between. Not blocking, because whoever has the lock may be stopped.
    let visits = 0;
    const visit = (session: Session): void => void (visits = session.visits += 1);
    const initial = { user: id.slice(0, 24), since: Date.now() };
    void sessions.updateAsync(id, visit, { initial, ttlMs: TTL_MS, evict: "oldest" }).then(
      () => response.end(String(visits)),
      (error: unknown) => {
        response.statusCode = 503;
        response.end(String(error));
      },
    );
  }).listen(0, "127.0.0.1");
}
