/** `shmgen watch --html`: a page on this machine that shows a region as it changes, by the real program and real requests. */
import { connect } from "node:net";
import { get, type IncomingMessage, request } from "node:http";
import type { Region } from "@shmgen/runtime";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { generateModule } from "../support/containers/generated-module.js";
import { readMarkup } from "../support/markup.js";
import { regionDirectory } from "../support/processes/processes.js";
import { shmgen, startShmgen } from "./run-cli.js";

const SCHEMA = `import type { array, atomic, f64, i64, Region, ring, tail, u32, u64, u8, utf8 } from "@shmgen/schema";
/** @repr u8 */
export enum Gear { Park, Drive }
export interface Car extends Region<{ type: 1; version: 1 }> {
  samples: atomic<u64>; gear: Gear; temperature: f64; delta: i64; driver: utf8<64>; log: array<u32, 100>;
}
export interface Line extends Region<{ type: 2; version: 1 }> { orders: ring<u32, 4>; }
export interface Big extends Region<{ type: 3; version: 1 }> { names: array<array<utf8<1024>, 16>, 16>; }`;

interface Car {
  gear: number;
  temperature: number;
  delta: bigint;
  driver: string;
  readonly log: { set(index: number, value: number): void };
}
interface Opened<D> {
  createOrOpen(name: string): Region & { readonly data: D };
}
interface Module {
  readonly Car: Opened<Car>;
  readonly Line: Opened<{ readonly orders: { producer(): { push(value: number): boolean } } }>;
  readonly Big: Opened<{ readonly names: { at(index: number): { set(at: number, value: string): void } } }>;
}

const env = { SHMGEN_DIR: regionDirectory() };
const module = (await import(generateModule("live", SCHEMA))) as Module;
const regions: Region[] = [];
afterAll(() => regions.forEach((region) => region.close()));

let names = 0;
function car() {
  const name = `car-${(names += 1)}`;
  const region = module.Car.createOrOpen(name);
  regions.push(region);
  return { name, region, data: region.data };
}

/** The program, and the address that it has printed. */
async function watch(name: string, ...argv: string[]) {
  const program = startShmgen(["watch", name, "--html", "--interval", "20", ...argv], { env });
  const text = await program.until(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/\n/);
  return { ...program, url: text.split("\n")[0] ?? "" };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

function ask(url: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer> {
  return new Promise((done, fail) => {
    request(url, { headers, method, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () => done({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    })
      .on("error", fail)
      .end();
  });
}

/** The answer to a request of HTTP/1.0, which needs no Host. */
function withoutHost(url: string): Promise<string> {
  const { port, pathname } = new URL(url);
  return new Promise((done, fail) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(`GET ${pathname} HTTP/1.0\r\n\r\n`));
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("error", fail).on("end", () => done(text));
  });
}

type Row = [path: string, type: string, offset: number, value: unknown, text: string, isNumber: boolean];
type Message =
  | { readonly kind: "rows"; readonly about: string; readonly rows: readonly Row[] }
  | { readonly kind: "changes"; readonly changes: readonly [index: number, value: unknown, text: string][] }
  | { readonly kind: "notice"; readonly text: string; readonly over: boolean };

/** The messages of a page that listens. */
async function listen(url: string) {
  const answer = await new Promise<IncomingMessage>((done, fail) => {
    get(`${url}events`, { agent: false }, done).on("error", fail);
  });
  onTestFinished(() => void answer.destroy());
  const messages: Message[] = [];
  let text = "";
  let news = (): void => undefined;
  answer.setEncoding("utf8").on("data", (piece: string) => {
    const events = (text + piece).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) messages.push(JSON.parse(event.replace(/^data: /, "")) as Message);
    news();
  });
  const ended = new Promise((done) => answer.once("close", done));
  return {
    answer,
    ended,
    messages,
    /** The first message from now on, or among those that came, that is as wanted. */
    async until<M extends Message>(wanted: (message: Message) => message is M): Promise<M> {
      for (let at = 0; ; at += 1) {
        while (messages.length === at) await new Promise<void>((done) => (news = done));
        const message = messages[at] as Message;
        if (wanted(message)) return message;
      }
    },
  };
}
const isRows = (message: Message): message is Message & { kind: "rows" } => message.kind === "rows";
const isNotice = (message: Message): message is Message & { kind: "notice" } => message.kind === "notice";
const changesTo =
  (text: string) =>
  (message: Message): message is Message & { kind: "changes" } =>
    message.kind === "changes" && message.changes.some((change) => change[2] === text);

describe("watch --html", () => {
  it("sends the values that inspect --json has, and then those that change", async () => {
    const { name, data } = car();
    Object.assign(data, { gear: 1, temperature: NaN, delta: -(2n ** 60n), driver: "Ada" });
    const { url } = await watch(name, "--fields", "*");
    const page = await listen(url);
    expect(page.answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const { rows, about } = await page.until(isRows);
    expect(about).toBe("Car, version 1, generation 1");
    const json = JSON.parse(shmgen(["inspect", name, "--json", "--fields", "*"], { env }).out) as { fields: object };
    const shown = rows.filter(([, , , , text]) => !text.endsWith("--fields GLOB chooses some"));
    expect(Object.fromEntries(shown.map(([path, , , value]) => [path, value]))).toEqual(json.fields);
    expect(shown.find(([path]) => path === "gear")).toEqual(["gear", "Gear", 8, "Drive", "Drive (1)", false]);
    data.driver = `</script><b>\u202e`;
    const index = rows.findIndex(([path]) => path === "driver");
    const { changes } = await page.until(changesTo('"</script><b>\\u202e"'));
    expect(changes).toEqual([[index, "</script><b>\u202e", '"</script><b>\\u202e"']]);
  });

  it("answers with a page that has the values as text, and may load nothing but its own events", async () => {
    const { name, data } = car();
    data.driver = `</script><img src=x>"'&`;
    const { url } = await watch(name);
    const { status, headers, text } = await ask(url);
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
      200,
      "text/html; charset=utf-8",
      "no-store",
    ]);
    expect(headers).toMatchObject({
      "content-security-policy": "frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    const { elements, texts } = readMarkup(text);
    expect(elements.filter(({ name: tag }) => tag === "script" || tag === "img")).toHaveLength(1);
    expect(texts).toContain(`"</script><img src=x>\\"'&"`);
    expect(texts).toContain("84 more elements; --fields GLOB chooses some");
  });

  it("shows of containers what they hold, and sends all rows when there are others", async () => {
    const region = module.Line.createOrOpen("line");
    regions.push(region);
    const { url } = await watch("line");
    const page = await listen(url);
    const before = await page.until(isRows);
    expect(before.rows.map(([path]) => path)).not.toContain("orders.slots[0]");
    region.data.orders.producer().push(7);
    const after = await page.until(
      (message): message is Message & { kind: "rows" } =>
        isRows(message) && message.rows.some(([path]) => path === "orders.slots[0]"),
    );
    expect(after.rows.find(([path]) => path === "orders.slots[0]")).toMatchObject({ 3: 7 });
  });

  it("says on the page and in the terminal that the region has gone away, and ends with 0", async () => {
    const { name, region } = car();
    const { url, ended, text } = await watch(name);
    const page = await listen(url);
    await page.until(isRows);
    region.close();
    expect(
      await page.until((message): message is Message & { kind: "notice" } => isNotice(message) && message.over),
    ).toEqual({
      kind: "notice",
      text: "the region has gone away",
      over: true,
    });
    await page.ended;
    expect(await ended).toBe(0);
    expect(text()).toMatch(new RegExp(`^http.+\\n\\S+Z ${name}: the region has gone away\\n$`));
  });

  it("ends at Ctrl-C, with 130, and tells the page; also while somebody does not read", async () => {
    const { name } = car();
    const { url, ended, child } = await watch(name);
    const [page, silent] = [await listen(url), await listen(url)];
    await page.until(isRows);
    silent.answer.pause();
    child.kill("SIGINT");
    expect(await page.until(isNotice)).toEqual({ kind: "notice", text: "shmgen watch has ended", over: true });
    expect(await ended).toBe(130);
  });

  it("sends everything anew to a page that has not read for a while", async () => {
    const region = module.Big.createOrOpen("big");
    regions.push(region);
    const { url } = await watch("big");
    const page = await listen(url);
    await page.until(isRows);
    page.answer.pause();
    // More than sockets hold, changed as a whole at each look.
    const other = await listen(url);
    let turn = 0;
    for (let sum = 0; sum < 24_000_000;) {
      turn += 1;
      for (let at = 0; at < 256; at += 1) region.data.names.at(at >> 4).set(at & 15, `${turn} `.padEnd(1000, "x"));
      const seen = other.messages.length;
      await other.until((message): message is Message => other.messages.indexOf(message) >= seen);
      sum += 512_000;
    }
    page.answer.resume();
    await page.until((message): message is Message => isRows(message) && message !== page.messages[0]);
  });
});

describe("watch --html refuses", () => {
  it("other hosts, pages of others, other methods, and who has no key", async () => {
    const { name } = car();
    const { url } = await watch(name);
    const { host, origin, port } = new URL(url);
    const statusOf = async (to: string, headers = {}, method = "GET"): Promise<number> =>
      (await ask(to, headers, method)).status;
    for (const path of ["", "events"]) {
      const to = url + path;
      for (const wrong of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "[::1]"]) {
        expect([wrong, await statusOf(to, { host: wrong })]).toEqual([wrong, 403]);
      }
      for (const wrong of [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        `https://${host}`,
        `http://localhost:${port}`,
      ]) {
        expect([wrong, await statusOf(to, { origin: wrong })]).toEqual([wrong, 403]);
      }
      for (const wrong of ["cross-site", "same-site"]) {
        expect([wrong, await statusOf(to, { "sec-fetch-site": wrong })]).toEqual([wrong, 403]);
      }
      expect(await statusOf(to, {}, "POST")).toBe(405);
    }
    expect(await withoutHost(url)).toMatch(/^HTTP\/1\.1 403 /);
    const key = new URL(url).pathname.slice(1, -1);
    for (const path of [
      "/",
      "/events",
      "/favicon.ico",
      `/${key}`,
      `/${key}x/`,
      `/${key.slice(1)}/`,
      `/${key}/other`,
      `//${key}/`,
    ]) {
      expect([path, await statusOf(`${origin}${path}`)]).toEqual([path, 404]);
    }
    expect(
      await statusOf(url, {
        host: `localhost:${port}`,
        origin: `http://localhost:${port}`,
        "sec-fetch-site": "same-origin",
      }),
    ).toBe(200);
    expect(await statusOf(url, { host: "localhost:8080", "sec-fetch-site": "none" })).toBe(200);
    expect([await statusOf(`${url}events`, {}, "HEAD"), await statusOf(url, {}, "HEAD")]).toEqual([200, 200]);
  });

  it("more pages than sixteen, until one of them is closed", async () => {
    const { name } = car();
    const { url } = await watch(name);
    const pages = await Promise.all(Array.from({ length: 16 }, () => listen(url)));
    expect(await ask(`${url}events`)).toMatchObject({ status: 503, text: "too many pages are open\n" });
    pages[0]?.answer.destroy();
    let page = await listen(url);
    while (page.answer.statusCode === 503) page = await listen(url);
    expect(page.answer.statusCode).toBe(200);
  });

  it("what does not go together, a port that is taken, and a region that is not there", async () => {
    const { name } = car();
    for (const [argv, message] of [
      [[name, "--port", "1"], "--port goes with --html"],
      [[name, "--html", "--port", "x"], "--port takes a port, found 'x'"],
      [[name, "--html", "--fields", "nothing"], "no field is called 'nothing'"],
    ] as const) {
      const { code, out, err } = shmgen(["watch", ...argv], { env });
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain(message);
    }
    expect(shmgen(["watch", name, "--html", "--json"], { env })).toMatchObject({
      code: 2,
      out: expect.stringContaining("--html and --json exclude each other") as unknown,
    });
    expect(shmgen(["watch", "nothing", "--html"], { env })).toMatchObject({ code: 1, out: "" });
    const { url } = await watch(name);
    const taken = shmgen(["watch", name, "--html", "--port", new URL(url).port], { env });
    expect(taken).toMatchObject({ code: 3, out: "", err: expect.stringContaining("EADDRINUSE") as unknown });
  });
});

describe("metrics --serve", () => {
  it("refuses pages of others in the same way", async () => {
    const counters = `import type { counters, Region } from "@shmgen/schema";
export interface Shop extends Region<{ type: 9; version: 1 }> { stats: counters<4>; }`;
    const { Shop } = (await import(generateModule("shop", counters))) as { readonly Shop: Opened<unknown> };
    regions.push(Shop.createOrOpen("shop"));
    const served = startShmgen(["metrics", "shop", "--serve", "0"], { env });
    const url = (await served.until(/metrics\n/)).trim();
    expect((await ask(url)).status).toBe(200);
    for (const headers of [
      { host: "evil.example" },
      { origin: "http://evil.example" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      expect([headers, (await ask(url, headers)).status]).toEqual([headers, 403]);
    }
  });
});
