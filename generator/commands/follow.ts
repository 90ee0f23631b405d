/** Looks at a region again and again, until it goes away or somebody says stop: what `inspect --watch` and `top` have in common. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RegionHeader } from "@shmgen/schema/header";
import type { Shown, Steadily } from "../inspect/shown.js";
import { type ByteSource, InspectError, type LiveMemory } from "../inspect/source.js";
import { jsonText, safeText } from "../inspect/values.js";
import { EXIT, errnoOf, systemFailure } from "../diagnostics/failure.js";
import { changing, openFile, type Problem, refuse, type RegionRequest } from "./inspect-region.js";
import { coloured } from "./report.js";

/** What may have a header that tells one life of a region from another. */
type Living = Shown & { readonly header?: RegionHeader | undefined };

/** What looks do. */
export interface Follower<L, S extends Living> {
  /** How to read it. */
  readonly steadily: Steadily<S>;
  /** One look at the region, all of which is of one life of it. */
  look(region: S, source: ByteSource): L | Problem;
  /** Prints it; false: that was the last one. `before` is the look before. */
  show(found: L, before: L | undefined, screen: Screen): boolean;
  /** Says what happened to the region itself; printed where this is left out. */
  tell?(what: string): void;
}

/** The time, as lines have it. */
export const now = (): string => new Date().toISOString();

/** Looks until it is told to stop. The file stays open in between, without any lock. */
export async function followRegion<L, S extends Living>(
  request: RegionRequest,
  follower: Follower<L, S>,
): Promise<number> {
  const stop = new AbortController();
  request.terminal.onStop(() => stop.abort());
  const first = openFile(request);
  if ("why" in first) return refuse(request, first);
  const follow = new Follow(request, follower, first);
  try {
    const problem = follow.begin();
    if (problem !== undefined) return refuse(request, problem);
    while (!stop.signal.aborted) {
      await sleep(request.intervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted || !follow.again()) break;
    }
    return EXIT.clean;
  } catch (error) {
    throw errnoOf(error) === undefined ? error : systemFailure("read", request.path, error);
  } finally {
    follow.close();
  }
}

/** A look, and which life of the region it is of. */
interface Look<L> {
  readonly generation: number;
  readonly value: L;
}

class Follow<L, S extends Living> {
  readonly #request: RegionRequest;
  readonly #follower: Follower<L, S>;
  readonly #screen: Screen;
  #file: LiveMemory;
  #last: Look<L> | undefined;
  #notice = "";

  constructor(request: RegionRequest, follower: Follower<L, S>, file: LiveMemory) {
    this.#request = request;
    this.#follower = follower;
    this.#screen = new Screen(request);
    this.#file = file;
  }

  close(): void {
    this.#file.close();
  }

  get #noun(): string {
    const { isForeign, openNamed } = this.#request;
    return openNamed !== undefined ? "memory" : isForeign ? "file" : "region";
  }

  /** The first look, whose failure is one of the command. */
  begin(): Problem | undefined {
    const found = this.#look();
    if ("why" in found) return found;
    this.#show(found);
    return undefined;
  }

  /** One more look; false when it was the last one, or the region has gone away. */
  again(): boolean {
    if (!this.#isThere()) {
      this.#say(`the ${this.#noun} has gone away`);
      this.#screen.end();
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
    if (this.#last !== undefined && this.#last.generation !== found.generation) {
      this.#say(`the region was made anew: generation ${found.generation}`);
    }
    return this.#show(found);
  }

  /** Goes over to another file of the same name. */
  #isThere(): boolean {
    const fate = this.#file.fate();
    if (fate === "same") return true;
    const next = fate === "gone" ? undefined : openFile(this.#request);
    if (next === undefined || "why" in next) return false;
    this.#file.close();
    this.#file = next;
    this.#say(
      `another ${this.#request.openNamed === undefined ? "file" : "memory"} has taken the ${this.#noun}'s place`,
    );
    return true;
  }

  #look(): Look<L> | Problem {
    try {
      const result = this.#follower.steadily(
        () => this.#file.source(),
        (region, source) => this.#follower.look(region, source),
      );
      if ("why" in result) return { ...result, size: this.#file.source().size };
      const { region, value } = result;
      return isProblem(value) ? value : { generation: region.header?.generation ?? 0, value };
    } catch (error) {
      if (error instanceof InspectError) return changing(error);
      throw error;
    }
  }

  #show(found: Look<L>): boolean {
    const last = this.#last;
    this.#last = found;
    return this.#follower.show(found.value, last?.value, this.#screen);
  }

  #say(what: string): void {
    if (this.#follower.tell !== undefined) return this.#follower.tell(what);
    const { terminal, name, json } = this.#request;
    const text = `${safeText(name)}: ${safeText(what)}`;
    if (json) terminal.out(`{"time":${jsonText(now())},"name":${jsonText(name)},"event":${jsonText(what)}}\n`);
    else if (terminal.screen === undefined) terminal.out(`${now()} ${text}\n`);
    else this.#screen.message = `${now()} ${text}`;
  }
}

function isProblem<L>(value: L | Problem): value is Problem {
  return typeof value === "object" && value !== null && "why" in value;
}

/** A terminal on which the same lines are drawn again and again. */
export class Screen {
  readonly #request: RegionRequest;
  #lines: readonly string[] = [];
  /** The latest one, below the lines. */
  message = "";

  constructor(request: RegionRequest) {
    this.#request = request;
  }

  /** Over what was drawn before. Nothing is left behind when we are killed: no other screen, no hidden cursor. `more`: how to see the rest. */
  draw(text: string, more: string): void {
    const { terminal, name, intervalMs } = this.#request;
    const { rows = 24, columns = 80 } = terminal.screen ?? {};
    const all = text.trimEnd().split("\n");
    const room = Math.max(1, rows - 3);
    const lines = all.slice(0, all.length > room ? room - 1 : room);
    if (lines.length < all.length) lines.push(`... ${all.length - lines.length} more lines; ${more}`);
    const last = this.#lines;
    const shown = lines.map((line, index) => {
      const isChanged = last.length > 0 && line !== last[index];
      const cut = `${isChanged ? "*" : " "} ${line}`.slice(0, columns);
      return isChanged && terminal.colourOut ? coloured("yellow", cut) : cut;
    });
    this.#lines = lines;
    const foot = `  ${safeText(name)} every ${intervalMs} ms, ${now()}; Ctrl-C ends it`.slice(0, columns);
    const home = last.length === 0 ? "\u001B[2J\u001B[H" : "\u001B[H";
    terminal.out(`${home}${[...shown, foot, this.message].map((line) => `${line}\u001B[K`).join("\n")}\u001B[J\n`);
  }

  /** What there is to say at last. */
  end(): void {
    if (this.message !== "") this.#request.terminal.out(`${this.message}\n`);
  }
}
