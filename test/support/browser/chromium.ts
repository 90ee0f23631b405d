/** A headless Chromium, driven over a pipe by its own protocol: no package, no port. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The command of a Chromium that is installed here; undefined where there is none. */
export function chromiumHere(): string | undefined {
  const names = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];
  return names.find((name) => name !== undefined && spawnSync(name, ["--version"]).status === 0);
}

type Params = Readonly<Record<string, unknown>>;
interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One browser process. */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #pages = new Map<string, Page>();
  #last = 0;
  #text = "";

  constructor(command: string) {
    this.#profile = mkdtempSync(join(tmpdir(), "shmgen-chromium-"));
    const argv = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars"];
    const quiet = ["--disable-extensions", "--disable-component-update", "--disable-background-networking"];
    const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    this.#child = spawn(command, [...argv, ...quiet, ...asRoot, `--user-data-dir=${this.#profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    (this.#child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.#read(text));
  }

  /** Sends one command. */
  async send(method: string, params: Params = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = (this.#last += 1);
    const answer = new Promise<Message>((done) => this.#waiting.set(id, done));
    const text = JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) });
    (this.#child.stdio[3] as Writable).write(`${text}\0`);
    const { result = {}, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** A new page at `url`, loaded, of this size in pixels. */
  async open(url: string, { width = 1280, height = 900, dark = false, script = true } = {}): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId as string, targetId as string);
    this.#pages.set(sessionId as string, page);
    await page.send("Page.enable");
    await page.send("Log.enable");
    await page.send("Runtime.enable");
    await page.send("Network.enable");
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await page.send("Emulation.setEmulatedMedia", { features });
    if (!script) await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    await page.send("Page.setLifecycleEventsEnabled", { enabled: true });
    const { loaderId } = await page.send("Page.navigate", { url });
    await page.loaded(loaderId as string);
    return page;
  }

  /** Closes all pages: those that nobody looks at take time as well. */
  async closePages(): Promise<void> {
    const targets = [...this.#pages.values()].map(({ target }) => target);
    this.#pages.clear();
    for (const targetId of targets) await this.send("Target.closeTarget", { targetId });
  }

  /** Ends the browser and removes its profile. */
  async close(): Promise<void> {
    const ended = new Promise((done) => this.#child.once("exit", done));
    // Asked for, so that its helpers end as well; some of them are not of its group.
    await this.send("Browser.close");
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #read(text: string): void {
    const parts = (this.#text + text).split("\0");
    this.#text = parts.pop() ?? "";
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id !== undefined) {
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
      } else this.#pages.get(message.sessionId ?? "")?.heard(message.method ?? "", message.params ?? {});
    }
  }
}

/** One page of it, and what it complained of. */
export class Page {
  readonly #browser: Chromium;
  readonly #session: string;
  /** What closes it. */
  readonly target: string;
  /** Documents that are loaded, by the ids of their loaders: the empty page before ours is loaded as well. */
  readonly #loaded = new Set<string>();
  #news: () => void = () => undefined;
  /** Errors of scripts, of the policy and of the network. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for. */
  readonly requests: string[] = [];

  constructor(browser: Chromium, session: string, target: string) {
    this.target = target;
    this.#browser = browser;
    this.#session = session;
  }

  send(method: string, params: Params = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#session);
  }

  /** Waits until a document is loaded. */
  async loaded(loader: string): Promise<void> {
    while (!this.#loaded.has(loader)) await new Promise<void>((done) => (this.#news = done));
  }

  heard(method: string, params: Record<string, unknown>): void {
    if (method === "Page.lifecycleEvent" && params["name"] === "load") {
      this.#loaded.add(params["loaderId"] as string);
      this.#news();
    }
    if (method === "Network.requestWillBeSent") this.requests.push((params["request"] as { url: string }).url);
    if (method === "Log.entryAdded") {
      const { level, text } = params["entry"] as { level: string; text: string };
      if (level === "error" || level === "warning") this.complaints.push(text);
    }
    if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params["exceptionDetails"]));
  }

  /** What an expression gives in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer["exceptionDetails"] !== undefined) throw new Error(JSON.stringify(answer["exceptionDetails"]));
    return (answer["result"] as { value: T }).value;
  }

  /** Presses a key, as somebody at the keyboard does. */
  async press(key: string): Promise<void> {
    const virtual = { Tab: 9, Enter: 13, End: 35, Home: 36, ArrowLeft: 37, ArrowRight: 39 }[key] ?? 0;
    const event = { key, code: key, windowsVirtualKeyCode: virtual };
    await this.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Moves the mouse over the middle of an element. */
  async hover(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(
      `{ const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({ block: "center" });
         const { x, y, width, height } = e.getBoundingClientRect(); [x + width / 2, y + height / 2] }`,
    );
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  }

  /** A PNG, of the whole page with `full`. */
  async screenshot(full = false): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: full });
    return Buffer.from(data as string, "base64");
  }
}
