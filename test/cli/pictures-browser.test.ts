/** The pages in a real browser, where there is one: without it these tests are skipped, and the others hold. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Region } from "@shmgen/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Chromium, chromiumHere, type Page } from "../support/browser/chromium.js";
import { generateModule } from "../support/containers/generated-module.js";
import { regionDirectory } from "../support/processes/processes.js";
import { MANIFEST, project, put, schemaText, shmgen, startShmgen } from "./run-cli.js";

const command = chromiumHere();
if (command === undefined) console.log("no Chromium here (CHROMIUM names one): the pages are not tried in a browser");
let browser: Chromium;
beforeAll(() => {
  if (command !== undefined) browser = new Chromium(command);
});
afterEach(() => browser?.closePages());
afterAll(() => browser?.close());
/** A browser on a machine that does much else is slow; whatever is waited for is an event. */
const PATIENCE = { timeout: 400_000 };

/** Screenshots for somebody to look at, where SHMGEN_PICTURES names a folder. */
async function look(page: Page, name: string): Promise<void> {
  const folder = process.env["SHMGEN_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), await page.screenshot());
}

/** A page of layouts with a published version before the present one, or one of many fields without. */
function layoutPage(fields = ""): string {
  const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
  if (fields === "") shmgen(["lock", "-q"], { cwd });
  const changed = schemaText("Car").replace("version: 1", "version: 2").replace("samples:", "before: u32;\n  samples:");
  put(cwd, { "car.shm.ts": changed.replace("speed:", `${fields}speed:`) });
  expect(shmgen(["layout", "--html", "car.html", "--svg", "car.svg"], { cwd }).code).toBe(0);
  return pathToFileURL(join(cwd, "car.html")).href;
}

/** The colour behind an element, as the browser has it. */
const background = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).backgroundColor`);

describe.skipIf(command === undefined)("a page of layouts in Chromium", PATIENCE, () => {
  it("loads nothing but itself, and complains of nothing", async () => {
    const url = layoutPage();
    const page = await browser.open(url);
    await look(page, "layout-light");
    expect([page.requests, page.complaints]).toEqual([[url], []]);
    const dark = await browser.open(url, { dark: true });
    await look(dark, "layout-dark");
    expect([await background(page, "body"), await background(dark, "body")]).toEqual([
      "rgb(255, 255, 255)",
      "rgb(20, 23, 28)",
    ]);
    const svg = await browser.open(url.replace(".html", ".svg"), { dark: true });
    expect(await svg.evaluate("getComputedStyle(document.querySelector('.background')).fill")).toBe("rgb(20, 23, 28)");
    expect([svg.requests.length, svg.complaints]).toEqual([1, []]);
  });

  it("marks a field in picture and table at once, and in both versions, when it is pointed at", async () => {
    const page = await browser.open(layoutPage());
    const marked = (): Promise<string[]> => page.evaluate("[...document.querySelectorAll('.on')].map((one) => one.id)");
    await page.hover("#Car-1 rect");
    expect(await marked()).toEqual(["Car-1", "Car-1-row"]);
    await page.hover("#Car-2-row td");
    expect(await marked()).toEqual(["Car-2", "Car-2-row"]);
    await page.hover("#versions-1-1b-1 rect");
    expect(await marked()).toEqual([
      "versions-1-1a-0",
      "versions-1-1b-1",
      "versions-1-1a-0-row",
      "versions-1-1b-1-row",
    ]);
  });

  it("is used by the keyboard: one stop for each picture, arrows within, Enter to the table and back", async () => {
    const page = await browser.open(layoutPage());
    const focus = (): Promise<string> =>
      page.evaluate("document.activeElement.id || document.activeElement.textContent");
    await page.evaluate("document.querySelector('#Car-0').focus()");
    await page.press("ArrowRight");
    expect(await focus()).toBe("Car-1");
    expect(await page.evaluate("document.querySelector('#Car-1-row').classList.contains('on')")).toBe(true);
    await page.press("End");
    expect(await focus()).toBe("Car-2");
    await page.press("ArrowRight");
    expect(await focus()).toBe("Car-2");
    await page.press("ArrowLeft");
    await look(page, "layout-focus");
    await page.press("Enter");
    expect(await page.evaluate("location.hash")).toBe("#Car-1-row");
    await page.evaluate("document.querySelector('#Car-0').focus()");
    await page.press("Tab");
    expect(await focus()).toBe("before");
  });

  it("has pictures, tables, and links between them without JavaScript, and text that can be selected", async () => {
    const page = await browser.open(`${layoutPage()}#Car-1-row`, { script: false });
    await look(page, "layout-without-script");
    await page.send("Emulation.setScriptExecutionDisabled", { value: false });
    expect(await page.evaluate("document.querySelectorAll('.picture, table').length")).toBe(6);
    expect(await background(page, "#Car-1-row > td")).toBe("rgb(255, 243, 196)");
    const selected = await page.evaluate<string>(
      "getSelection().selectAllChildren(document.querySelector('.picture')), getSelection().toString()",
    );
    expect(selected).toContain("samples");
  });

  it("shows 1,000 fields", async () => {
    const fields = Array.from({ length: 1000 }, (_, at) => `field${at}: ${["u32", "f32", "atomic<u32>"][at % 3]};`);
    const page = await browser.open(layoutPage(fields.join("\n")), { dark: true });
    await look(page, "layout-1000");
    expect(await page.evaluate("document.querySelectorAll('section:first-of-type .picture a').length")).toBe(1003);
    await page.hover("#Car-1002 rect");
    expect(await page.evaluate("document.querySelector('#Car-1002-row').classList.contains('on')")).toBe(true);
    expect(page.complaints).toEqual([]);
  });
});

const LIVE = `import type { f64, Region, u32, utf8 } from "@shmgen/schema";
export interface Car extends Region<{ type: 1; version: 1 }> {
  driver: utf8<64>; temperature: f64; ${Array.from({ length: 1000 }, (_, at) => `field${at}: u32;`).join(" ")} }`;

describe.skipIf(command === undefined)("a live page in Chromium", PATIENCE, () => {
  it("shows values and lines as they change, what the region holds as text, and that it goes away", async () => {
    const env = { SHMGEN_DIR: regionDirectory() };
    const module = (await import(generateModule("live", LIVE))) as {
      readonly Car: { createOrOpen(name: string): Region & { readonly data: { driver: string; temperature: number } } };
    };
    const region = module.Car.createOrOpen("car");
    const { data } = region;
    data.driver = `</script><img src=x onerror="document.title='owned'">\u202e`;
    const program = startShmgen(["watch", "car", "--html", "--interval", "100"], { env });
    const url = (await program.until(/\/\n/)).trim();
    const page = await browser.open(url);
    const isTrue = async (expression: string): Promise<void> => {
      while (!(await page.evaluate<boolean>(expression))) await new Promise((done) => setTimeout(done, 20));
    };
    const row = (field: string): string =>
      `[...document.querySelectorAll("tbody tr")].find((one) => one.cells[0].textContent === "${field}")`;
    await isTrue(`document.querySelectorAll("polyline").length === 1001`);
    for (let turn = 1; turn <= 12; turn += 1) {
      data.temperature = 20 + Math.sin(turn / 4);
      await isTrue(`${row("temperature")}.cells[3].textContent === "${data.temperature}"`);
    }
    await isTrue(`${row("temperature")}.querySelector("polyline").getAttribute("points").split(" ").length >= 12`);
    await look(page, "live-light");
    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
    await look(page, "live-dark");
    expect(await page.evaluate(`${row("driver")}.cells[3].textContent`)).toContain("</script><img src=x");
    expect(await page.evaluate("document.images.length + document.title")).toBe("0car - shmgen watch");
    await page.evaluate(`filter.value = "field99", filter.dispatchEvent(new Event("input"))`);
    expect(
      await page.evaluate(`[...document.querySelectorAll("tbody tr")].filter(({ hidden }) => !hidden).length`),
    ).toBe(11);
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([url, `${url}events`]);
    region.close();
    await isTrue(`document.querySelector("#notice").textContent === "the region has gone away"`);
    await look(page, "live-gone");
    expect(await program.ended).toBe(0);
  });

  it("gives nothing to a page of another origin", async () => {
    const env = { SHMGEN_DIR: regionDirectory() };
    const { Car } = (await import(generateModule("own", schemaText("Car")))) as {
      readonly Car: { createOrOpen(name: string): Region };
    };
    const region = Car.createOrOpen("own");
    const program = startShmgen(["watch", "own", "--html"], { env });
    const url = (await program.until(/\/\n/)).trim();
    const other = startShmgen(["watch", "own", "--html"], { env });
    // Another port of this machine is another origin, and its policy lets a page try nothing: what has none is about:blank.
    const elsewhere = await browser.open("about:blank");
    const result = await elsewhere.evaluate<string>(
      `fetch(${JSON.stringify(url)}, { mode: "no-cors" }).then((answer) => answer.type + answer.status, (error) => String(error))`,
    );
    expect(result).toMatch(/opaque0|Failed to fetch/);
    const framed = await elsewhere.evaluate<string>(
      `new Promise((done) => { const frame = document.createElement("iframe"); frame.src = ${JSON.stringify(url)};
        frame.onload = () => { try { done(frame.contentDocument === null ? "closed" : frame.contentDocument.body.textContent) } catch { done("closed") } };
        document.body.append(frame); })`,
    );
    expect(framed).toBe("closed");
    other.child.kill("SIGINT");
    region.close();
    expect(await program.ended).toBe(0);
  });
});
