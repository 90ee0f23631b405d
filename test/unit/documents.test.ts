/** All Markdown of the repository: its links lead to files and headings that there are. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorOf, deadLinks, linksIn, menu, root } from "../../site/pages.mjs";

const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

describe("documents", () => {
  it("have no link that leads nowhere", () => {
    expect(documents.length).toBeGreaterThan(25);
    expect(documents.flatMap(deadLinks)).toEqual([]);
  });

  it("are all pages of the site", () => {
    const pages = menu().flatMap(([, group]) => group.map(({ source }) => source));
    const expected = documents.filter((path) => /^(?:[^/]*|docs\/.*|examples\/.*)\.md$/.test(path));
    expect(pages.sort()).toEqual(expected.sort());
  });

  it("are looked through for what is a link, and for nothing else", () => {
    const text =
      "See [a](../a.md#b) and `[no](link.md)`.\n```\n[no](link.md)\n```\n[out](https://example.org) [here](#x)";
    expect(linksIn("docs/page.md", text)).toEqual([
      { line: 1, link: "../a.md#b", target: "a.md", anchor: "b" },
      { line: 5, link: "#x", target: "docs/page.md", anchor: "x" },
    ]);
    expect(anchorOf("`ring<T, N>` in **C**, & more")).toBe("ringt-n-in-c--more");
  });
});
