/** Follows the links of a built site: each leads to a file of it, and each anchor to an element that has it for an id. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";

const decode = (text) =>
  decodeURIComponent(
    text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"'),
  );

/** How many links there are within `folder`, and what is wrong with them: `"/tour: /x#y: no element has this id"`. */
export function deadLinksOfSite(folder, base = process.env["SHMGEN_DOCS_BASE"] ?? "/") {
  const pages = new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".html"))
      .map((name) => [
        `/${name.replace(/(?:^|(?<=\/))index\.html$|\.html$/, "")}`,
        readFileSync(join(folder, name), "utf8"),
      ]),
  );
  const ids = new Map(
    [...pages].map(([address, html]) => [
      address,
      new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decode(id))),
    ]),
  );
  const dead = new Set();
  let links = 0;
  for (const [address, html] of pages) {
    for (const [, href] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^(?:[a-z]+:|\/\/)/.test(href)) continue;
      links += 1;
      const [path, anchor] = decode(href).split("#");
      const from = path.startsWith("/") ? path.replace(base, "/") : posix.join(posix.dirname(address), path);
      const target = path === "" ? address : from;
      const file = join(folder, target);
      if (!pages.has(target)) {
        if (!existsSync(file) || statSync(file).isDirectory()) dead.add(`${address}: ${href}: there is no such file`);
      } else if (anchor !== undefined && anchor !== "" && !ids.get(target)?.has(anchor)) {
        dead.add(`${address}: ${href}: no element has this id`);
      }
    }
  }
  return { links, dead: [...dead] };
}
