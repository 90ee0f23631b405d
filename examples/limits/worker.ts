/** One worker of the cluster: answers requests by settings that it reads for each of them. */
import { createServer } from "node:http";
import { Limits, Settings } from "./generated/limits.js";
import type { State } from "./state.js";

/** How a worker knows the settings, and counts. */
interface Knowledge {
  settings(): State;
  /** Whether this client may go on. */
  admit(client: number, perSecond: number): boolean;
}

/** All workers look at the same memory: what the operator has changed is there for the next request of each. */
function shared(): Knowledge {
  const { data } = Limits.open(process.env["LIMITS_REGION"] ?? "limits");
  const copy = Settings.local();
  return {
    settings: () => {
      const { revision, perSecond, check, newCheckout, maintenance } = data.settings.read(copy);
      if (revision !== check) data.$mixed.add(1);
      return { revision, perSecond, newCheckout, maintenance };
    },
    admit: (client, perSecond) => {
      const second = Math.floor(Date.now() / 1000) >>> 0;
      const before = data.second;
      // Whoever is first in a new second clears the counters.
      if (before !== second && data.$second.compareExchange(before, second) === before) {
        for (let index = 0; index < data.counts.length; index += 1) data.counts.set(index, 0);
      }
      const isAdmitted = data.counts.field(client).add(1) < perSecond;
      (isAdmitted ? data.$served : data.$refused).add(1);
      return isAdmitted;
    },
  };
}

/** The same by messages: each worker has a copy of the settings, and counts for itself alone. */
function messages(): Knowledge {
  let state: State = { revision: 0, perSecond: 0, newCheckout: false, maintenance: false };
  const counts = new Uint32Array(1024);
  let second = 0;
  process.on("message", (message: State) => (state = message));
  return {
    settings: () => state,
    admit: (client, perSecond) => {
      const now = Math.floor(Date.now() / 1000);
      if (now !== second) counts.fill(0);
      second = now;
      // Of a limit for all, a fair share.
      return (counts[client] as number)++ < perSecond / Number(process.env["LIMITS_WORKERS"]);
    },
  };
}

export function serve(kind: "shared" | "messages"): void {
  const knowledge = kind === "shared" ? shared() : messages();
  createServer((request, response) => {
    const { revision, perSecond, newCheckout, maintenance } = knowledge.settings();
    const client = Number(request.headers["x-client"] ?? 0) & 1023;
    const status = maintenance ? 503 : knowledge.admit(client, perSecond) ? 200 : 429;
    response.writeHead(status, { "content-type": "text/plain", "x-revision": String(revision) });
    response.end(newCheckout ? "new\n" : "old\n");
  }).listen(0, "127.0.0.1");
}
