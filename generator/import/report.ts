/** What could not be said: where in the header, what, and what stands there instead. */
import type { Place } from "./header-model.js";

export interface ImportNote {
  readonly file: string;
  readonly line: number;
  /** `Car.tail` */
  readonly what: string;
  readonly text: string;
}

/** Notes in the order of the header, each once. */
export class Report {
  readonly #notes = new Map<string, ImportNote>();

  add({ file, line }: Place, what: string, text: string): void {
    this.#notes.set(`${what}\n${text}`, { file, line, what, text });
  }

  all(): ImportNote[] {
    return [...this.#notes.values()];
  }
}
