/** Who logged in, as `last` and `utmpdump` read it. */
import { nameOf } from "@shmgen/runtime";
import { LoginType, Wtmp } from "./generated/utmp.js";

/** Lines for people, the oldest first. A file that grows has its new records after `region.refresh()`. */
export function* lines(path: string): Generator<string> {
  using region = Wtmp.attach(path);
  for (const { type, pid, line, user, host, seconds } of region.data.records) {
    const time = new Date(seconds * 1000).toISOString().slice(0, 19);
    yield `${time} ${(nameOf(LoginType, type) ?? String(type)).padEnd(12)} ${user} ${line} ${host} ${pid}`;
  }
}
