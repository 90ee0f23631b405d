/** `shmgen watch --html`: a page on this machine that shows a region's fields as they change, until the region goes away. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { ForeignShown, Inspected } from "../inspect/shown.js";
import { safeText } from "../inspect/values.js";
import { livePage } from "../pictures/live-page.js";
import { allMessage, changesMessage, type LiveRow, liveRows, noticeMessage } from "../pictures/live.js";
import { followRegion, now } from "./follow.js";
import { found, type InspectRequest, walkOf } from "./inspect-region.js";
import { refuseBy, serveOnLoopback } from "./loopback.js";

/** Pages that look at the same time. */
const LISTENERS_MAX = 16;

/** What one look has found. */
interface Look {
  /** Which region it is of. */
  readonly about: string;
  readonly rows: readonly LiveRow[];
}

/**
 * Looks and tells pages until it is told to stop. The address has a key in it: other users of the machine can reach its ports, and
 * are not to read what the file's mode keeps from them.
 */
export async function watchOnPage(request: InspectRequest, port: number): Promise<number> {
  const { terminal, name } = request;
  const feed = new Feed(name);
  const key = randomBytes(16).toString("base64url");
  const server = await serveOnLoopback(port, (path, answer, method) => {
    const [, given = "", rest] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
    if (!isKey(given, key)) return refuseBy(answer, 404, "the address has a key, which the terminal shows");
    if (rest === "/") return feed.page(answer);
    if (rest !== "/events") return refuseBy(answer, 404, "the page is at /");
    feed.listen(answer, method);
  });
  try {
    return await followRegion<Look, Inspected | ForeignShown>(request, {
      steadily: request.steadily,
      look(region, source) {
        const about = aboutOf(region);
        return { about, rows: liveRows(found(request, region, walkOf(request, region, source))) };
      },
      show(look, before) {
        if (before === undefined) terminal.out(`${server.origin}/${key}/\n`);
        feed.show(look);
        return true;
      },
      tell(what) {
        terminal.out(`${now()} ${safeText(name)}: ${safeText(what)}\n`);
        feed.tell(what);
      },
    });
  } finally {
    feed.end();
    await server.close();
  }
}

function aboutOf(shown: Inspected | ForeignShown): string {
  const name = safeText(shown.name);
  if (shown.header !== undefined)
    return `${name}, version ${shown.region.version}, generation ${shown.header.generation}`;
  return [`${name} as ${safeText(shown.schema)} has it`, ...shown.unexpected].join("; not as expected: ");
}

function isKey(given: string, key: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** What pages are told. */
class Feed {
  readonly #name: string;
  /** Each with whether it has missed something, because it reads more slowly than we write. */
  readonly #listeners = new Map<ServerResponse, { hasMissed: boolean }>();
  #look: Look | undefined;
  #notice = "";

  constructor(name: string) {
    this.#name = name;
  }

  page(answer: ServerResponse): void {
    if (this.#look === undefined) return refuseBy(answer, 503, "the region has not been read yet");
    const { about, rows } = this.#look;
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(livePage(this.#name, about, rows));
  }

  listen(answer: ServerResponse, method: "GET" | "HEAD"): void {
    if (this.#listeners.size >= LISTENERS_MAX) return refuseBy(answer, 503, "too many pages are open");
    answer.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", connection: "close" });
    if (method === "HEAD") return void answer.end();
    answer.on("close", () => this.#listeners.delete(answer));
    this.#listeners.set(answer, { hasMissed: false });
    if (this.#look !== undefined) answer.write(eventOf(allMessage(this.#look.about, this.#look.rows)));
    if (this.#notice !== "") answer.write(eventOf(noticeMessage(this.#notice, false)));
  }

  show(look: Look): void {
    const isSame = this.#look?.about === look.about;
    const changes = isSame ? changesMessage(this.#look?.rows ?? [], look.rows) : undefined;
    this.#look = look;
    let all: string | undefined;
    for (const [listener, state] of this.#listeners) {
      if (listener.writableNeedDrain) {
        state.hasMissed = true;
        continue;
      }
      const isAll = state.hasMissed || changes === undefined;
      listener.write(eventOf(isAll ? (all ??= allMessage(look.about, look.rows)) : changes));
      state.hasMissed = false;
    }
  }

  tell(what: string): void {
    this.#notice = safeText(what);
    for (const listener of this.#listeners.keys()) listener.write(eventOf(noticeMessage(this.#notice, false)));
  }

  /** Says that nothing will follow, and why. */
  end(): void {
    const why = this.#notice === "" ? "shmgen watch has ended" : this.#notice;
    for (const listener of this.#listeners.keys()) listener.end(eventOf(noticeMessage(why, true)));
  }
}

/** As text/event-stream has it; JSON on one line. */
function eventOf(message: string): string {
  return `data: ${message}\n\n`;
}
