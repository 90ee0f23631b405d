/** `shmgen inspect --watch`: the same look again and again, until the region goes away. */
import { setTimeout as sleep } from "node:timers/promises";
import { inspectSteadily } from "../inspect/inspect-steadily.js";
import { RegionFile } from "../inspect/region-file.js";
import { InspectError } from "../inspect/source.js";
import { jsonText, safeText, valueText } from "../inspect/values.js";
import { EXIT, errnoOf, systemFailure } from "../diagnostics/failure.js";
import { changing, type InspectRequest, openFile, pieces, type Problem, refuse, walkOf } from "./inspect-region.js";
import { coloured } from "./report.js";

/** What one look has found. */
interface Look {
  readonly generation: number;
  /** All that would be printed. */
  readonly text: string;
  /** Values for people, by path. */
  readonly values: ReadonlyMap<string, string>;
}

/** Looks until it is told to stop. The file stays open in between, without any lock. */
export async function watchRegion(request: InspectRequest): Promise<number> {
  const stop = new AbortController();
  request.terminal.onStop(() => stop.abort());
  const first = openFile(request);
  if (!(first instanceof RegionFile)) return refuse(request, first);
  const watch = new Watch(request, first);
  try {
    const problem = watch.begin();
    if (problem !== undefined) return refuse(request, problem);
    while (!stop.signal.aborted) {
      await sleep(request.intervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) break;
      if (!watch.again()) break;
    }
    return EXIT.clean;
  } catch (error) {
    throw errnoOf(error) === undefined ? error : systemFailure("read", request.path, error);
  } finally {
    watch.close();
  }
}

class Watch {
  readonly #request: InspectRequest;
  #file: RegionFile;
  #last: Look | undefined;
  #lastLines: readonly string[] = [];
  #notice = "";
  /** The latest message on a screen. */
  #message = "";

  constructor(request: InspectRequest, file: RegionFile) {
    this.#request = request;
    this.#file = file;
  }

  /** Lines for people, one after the other. */
  get #isFlow(): boolean {
    const { json, terminal } = this.#request;
    return !json && terminal.screen === undefined;
  }

  close(): void {
    this.#file.close();
  }

  /** The first look, whose failure is one of the command. */
  begin(): Problem | undefined {
    const found = this.#look();
    if ("why" in found) return found;
    this.#show(found);
    return undefined;
  }

  /** One more look; false when the region has gone away. */
  again(): boolean {
    if (!this.#isThere()) {
      this.#say("the region has gone away");
      if (this.#message !== "") this.#request.terminal.out(`${this.#message}\n`);
      return false;
    }
    const found = this.#look();
    if ("why" in found) {
      // Once: it may be made anew at any time.
      if (this.#notice !== found.why) this.#say(found.why);
      this.#notice = found.why;
      return true;
    }
    this.#notice = "";
    const before = this.#last;
    if (before !== undefined && before.generation !== found.generation) {
      this.#say(`the region was made anew: generation ${found.generation}`);
    }
    this.#show(found);
    return true;
  }

  /** Goes over to another file of the same name. */
  #isThere(): boolean {
    const fate = this.#file.fate();
    if (fate === "same") return true;
    const next = fate === "gone" ? undefined : openFile(this.#request);
    if (!(next instanceof RegionFile)) return false;
    this.#file.close();
    this.#file = next;
    this.#say("another file has taken the region's place");
    return true;
  }

  #look(): Look | Problem {
    const request = this.#request;
    try {
      const result = inspectSteadily(
        () => this.#file.source(),
        (region, source) => {
          const events = [...walkOf(request, region, source)];
          const isFlow = this.#isFlow && this.#last !== undefined;
          const text = isFlow ? "" : [...pieces(request, region, source, events, { compact: true })].join("");
          const values = new Map<string, string>();
          for (const event of this.#isFlow ? events : []) {
            if (event.kind === "value") values.set(event.path, valueText(event.value));
          }
          return { generation: region.header.generation, text, values };
        },
      );
      return "why" in result ? { ...result, size: this.#file.source().size } : result.value;
    } catch (error) {
      if (error instanceof InspectError) return changing(error);
      throw error;
    }
  }

  #show(found: Look): void {
    const { terminal, json } = this.#request;
    const before = this.#last;
    this.#last = found;
    if (json) {
      if (before?.text !== found.text) terminal.out(`{"time":${jsonText(now())},${found.text.slice(1)}`);
    } else if (terminal.screen !== undefined) this.#draw(found.text);
    else if (before === undefined) terminal.out(found.text);
    else terminal.out(changes(before.values, found.values));
  }

  /** Over what was drawn before. Nothing is left behind when we are killed: no other screen, no hidden cursor. */
  #draw(text: string): void {
    const { terminal, name, intervalMs } = this.#request;
    const { rows = 24, columns = 80 } = terminal.screen ?? {};
    const all = text.trimEnd().split("\n");
    const room = Math.max(1, rows - 3);
    const lines = all.slice(0, all.length > room ? room - 1 : room);
    if (lines.length < all.length)
      lines.push(`... ${all.length - lines.length} more lines; --fields GLOB chooses some`);
    const last = this.#lastLines;
    const shown = lines.map((line, index) => {
      const isChanged = last.length > 0 && line !== last[index];
      const cut = `${isChanged ? "*" : " "} ${line}`.slice(0, columns);
      return isChanged && terminal.colourOut ? coloured("yellow", cut) : cut;
    });
    this.#lastLines = lines;
    const foot = `  ${safeText(name)} every ${intervalMs} ms, ${now()}; Ctrl-C ends it`.slice(0, columns);
    const home = last.length === 0 ? "\u001B[2J\u001B[H" : "\u001B[H";
    terminal.out(`${home}${[...shown, foot, this.#message].map((line) => `${line}\u001B[K`).join("\n")}\u001B[J\n`);
  }

  #say(what: string): void {
    const { terminal, name, json } = this.#request;
    const text = `${safeText(name)}: ${safeText(what)}`;
    if (json) terminal.out(`{"time":${jsonText(now())},"name":${jsonText(name)},"event":${jsonText(what)}}\n`);
    else if (terminal.screen === undefined) terminal.out(`${now()} ${text}\n`);
    else this.#message = `${now()} ${text}`;
  }
}

const now = (): string => new Date().toISOString();

/** A line for each value that is another one now. */
function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const time = now();
  let text = "";
  for (const [path, value] of after) {
    const old = before.get(path);
    if (old !== value) text += `${time} ${safeText(path)} = ${value} (${old === undefined ? "new" : `was ${old}`})\n`;
  }
  return text;
}
