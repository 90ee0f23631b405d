/** `shmgen inspect --watch`: the same look again and again, until the region goes away. */
import type { ForeignShown, Inspected } from "../inspect/shown.js";
import { jsonText, safeText, valueText } from "../inspect/values.js";
import { followRegion, now, type Screen } from "./follow.js";
import { type InspectRequest, pieces, walkOf } from "./inspect-region.js";

/** What one look has found. */
interface Look {
  /** All that would be printed. */
  readonly text: string;
  /** Values for people, by path. */
  readonly values: ReadonlyMap<string, string>;
}

/** Looks until it is told to stop. */
export async function watchRegion(request: InspectRequest): Promise<number> {
  const { json, terminal } = request;
  /** Lines for people, one after the other. */
  const isFlow = !json && terminal.screen === undefined;
  let isFirst = true;
  return followRegion<Look, Inspected | ForeignShown>(request, {
    steadily: request.steadily,
    look(region, source) {
      const events = [...walkOf(request, region, source)];
      const text = isFlow && !isFirst ? "" : [...pieces(request, region, source, events, { compact: true })].join("");
      const values = new Map<string, string>();
      for (const event of isFlow ? events : []) {
        if (event.kind === "value") values.set(event.path, valueText(event.value));
      }
      return { text, values };
    },
    show(found, before, screen) {
      isFirst = false;
      show(request, found, before, screen);
      return true;
    },
  });
}

function show({ terminal, json }: InspectRequest, found: Look, before: Look | undefined, screen: Screen): void {
  if (json) {
    if (before?.text !== found.text) terminal.out(`{"time":${jsonText(now())},${found.text.slice(1)}`);
  } else if (terminal.screen !== undefined) screen.draw(found.text, "--fields GLOB chooses some");
  else if (before === undefined) terminal.out(found.text);
  else terminal.out(changes(before.values, found.values));
}

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
