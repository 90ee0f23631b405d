/** Markup read strictly, as XML is: what a browser would mend is a mistake here. */

/** One element, with its attributes as they are meant. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const VOID = new Set(["meta", "input", "br"]);
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** All elements and the text between them, in order. @throws Error where tags do not match, or a character should be an entity */
export function readMarkup(markup: string): {
  readonly elements: readonly Element[];
  readonly texts: readonly string[];
} {
  const elements: Element[] = [];
  const texts: string[] = [];
  const open: string[] = [];
  let rest = markup.replace(/^<!doctype html>\n/, "");
  while (rest !== "") {
    const comment = /^<!--(?:(?!--)[^])*-->/.exec(rest);
    const raw = /^<(script|style)>([^]*?)<\/\1>/.exec(rest);
    const tag = /^<(\/?)([a-zA-Z0-9]+)((?: [a-z-A-Z:]+(?:="[^"<]*")?)*)(\/?)>/.exec(rest);
    const text = /^[^<]+/.exec(rest);
    const found = comment ?? raw ?? tag ?? text;
    if (found === null) throw new Error(`no markup: ${rest.slice(0, 100)}`);
    rest = rest.slice(found[0].length);
    if (comment !== null) continue;
    if (raw !== null) elements.push({ name: raw[1] ?? "", attributes: new Map([["content", raw[2] ?? ""]]) });
    else if (tag !== null) {
      const [, closing, name = "", given = "", empty] = tag;
      if (closing === "/") {
        if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
        continue;
      }
      const pairs = [...given.matchAll(/ ([a-z-A-Z:]+)(?:="([^"]*)")?/g)];
      elements.push({ name, attributes: new Map(pairs.map(([, key = "", value = ""]) => [key, plain(value)])) });
      if (empty !== "/" && !VOID.has(name)) open.push(name);
    } else texts.push(plain(found[0]));
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return { elements, texts };
}

function plain(text: string): string {
  return text.replaceAll(/&([^;]*);?/g, (whole, name: string) => {
    const meant = ENTITIES[name];
    if (meant === undefined) throw new Error(`no entity: ${whole.slice(0, 20)}`);
    return meant;
  });
}
