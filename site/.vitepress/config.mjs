import { existsSync } from "node:fs";
import { join } from "node:path";
import { anchorOf, menu, staged } from "../pages.mjs";

const groups = menu().map(([text, pages]) => ({
  text,
  collapsed: text === "Examples" || text === "The project",
  items: pages.map(({ title, address }) => ({ text: title, link: `/${address}` })),
}));

/** Those that typedoc makes; not there while pages are written (`vitepress dev`). */
const api = [
  ["@shmgen/runtime", "runtime"],
  ["@shmgen/schema", "schema"],
  ["shmgen, as a library", "generator"],
].filter(([, name]) => existsSync(join(staged, `api/${name}.md`)));

export default {
  title: "shmgen",
  description: "A compiler for shared memory",
  lang: "en",
  base: process.env["SHMGEN_DOCS_BASE"] ?? "/",
  srcDir: ".pages",
  outDir: "dist",
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { level: [2, 3] },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Five minutes", link: "/start" },
      { text: "Containers", link: "/containers" },
      { text: "Troubleshooting", link: "/troubleshooting" },
      { text: "API", link: "/api/runtime" },
    ],
    sidebar: [...groups, { text: "API", items: api.map(([text, name]) => ({ text, link: `/api/${name}` })) }],
  },
};
