/**
 * The built site (`npm run docs`) in a browser, where there are both: every page without a complaint, search, light and dark.
 * SHMGEN_PICTURES names a folder for screenshots to look at.
 */
import { createReadStream, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chromium, chromiumHere, type Page } from "../support/browser/chromium.js";

const dist = join(import.meta.dirname, "../../site/dist");
const command = chromiumHere();
const missing = [
  ...(command === undefined ? ["a Chromium (CHROMIUM names one)"] : []),
  ...(existsSync(dist) ? [] : ["the site (npm run docs)"]),
];
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The site as a web server has it. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = [`${path}.html`, path, `${path}index.html`].map((one) => join(dist, one)).find(isFile);
    response.writeHead(file === undefined ? 404 : 200, { "content-type": TYPES[extname(file ?? "")] ?? "text/plain" });
    if (file === undefined) response.end();
    else createReadStream(file).pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe.skipIf(missing.length > 0)(
  `the site ${missing.length > 0 ? `(skipped: ${missing.join(", ")} missing)` : ""}`,
  () => {
    let browser: Chromium;
    let server: Server;
    let origin = "";
    beforeAll(async () => {
      browser = new Chromium(command ?? "");
      server = await serve();
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(async () => {
      await browser.close();
      server.close();
    });

    async function look(page: Page, name: string): Promise<void> {
      const folder = process.env["SHMGEN_PICTURES"];
      if (folder === undefined) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.png`), await page.screenshot());
    }

    /** Waits in the page until an expression is true; what it asks changes without an event of ours. */
    const until = (page: Page, expression: string): Promise<unknown> =>
      page.evaluate(
        `new Promise((done) => { const look = () => (${expression}) ? done() : setTimeout(look, 20); look(); })`,
      );

    /** A page of the site once its script is at work. */
    async function visit(path: string, dark = false): Promise<Page> {
      const page = await browser.open(`${origin}${path}`, { dark });
      await until(page, "document.querySelector('#app')?.__vue_app__");
      return page;
    }

    it(
      "has no page that the browser complains of, and loads nothing from elsewhere",
      { timeout: 400_000 },
      async () => {
        const pages = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
        expect(pages.length).toBeGreaterThan(30);
        for (const name of pages.filter((one) => one !== "404.html")) {
          const page = await visit(`/${name.replace(/(?:index)?\.html$/, "")}`);
          expect(page.complaints, name).toEqual([]);
          expect(
            page.requests.filter((url) => !url.startsWith(origin) && !url.startsWith("data:")),
            name,
          ).toEqual([]);
          expect(await page.evaluate<string>("document.querySelector('h1')?.textContent ?? ''"), name).not.toBe("");
          expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `${name} is too wide`).toBe(
            true,
          );
          await page.send("Page.close");
        }
      },
    );

    it("is light and dark, as the system is, and by its switch", { timeout: 100_000 }, async () => {
      const background = "getComputedStyle(document.body).backgroundColor";
      const light = await visit("/start");
      await look(light, "start-light");
      const dark = await visit("/start", true);
      await look(dark, "start-dark");
      const [white, black] = [await light.evaluate(background), await dark.evaluate(background)];
      expect([white, black]).toEqual(["rgb(255, 255, 255)", "rgb(27, 27, 31)"]);
      await light.evaluate("document.querySelector('.VPSwitchAppearance').click()");
      await until(light, `${background} === ${JSON.stringify(black)}`);
      for (const path of ["/", "/troubleshooting", "/api/runtime", "/performance", "/protocol"]) {
        await look(await visit(path), `page${path.replaceAll("/", "-")}`);
      }
    });

    it("finds what is searched for", { timeout: 100_000 }, async () => {
      const page = await visit("/start");
      await page.evaluate("document.querySelector('.VPNavBarSearch button').click()");
      await until(page, "document.querySelector('.VPLocalSearchBox input')");
      await page.evaluate("document.querySelector('.VPLocalSearchBox input').focus()");
      await page.send("Input.insertText", { text: "ERR_SHM_ABANDONED" });
      await until(page, "document.querySelector('.VPLocalSearchBox .result')");
      await look(page, "search");
      const found = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.VPLocalSearchBox .result')].map((one) => one.getAttribute('href'))",
      );
      expect(found.join(" ")).toContain("/troubleshooting#err_shm_abandoned");
    });
  },
);
