/** TypeScript's language server, asked as editors ask it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Response {
  readonly type: string;
  readonly request_seq?: number;
  readonly body?: unknown;
}

interface Place {
  readonly file: string;
  readonly start: { readonly line: number; readonly offset: number };
}

export interface LanguageServer {
  /** Places that "go to definition" leads to from the first of `needle` in a file: the path, and the line's text there. */
  definition(file: string, needle: string): Promise<{ readonly file: string; readonly text: string }[]>;
  /** The comment that shows on hover. */
  hover(file: string, needle: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts the server `tsserver.js` and opens `files` in it. */
export function languageServer(tsserver: string, files: readonly string[]): LanguageServer {
  const child = spawn(process.execPath, [tsserver, "--disableAutomaticTypingAcquisition"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const pending = new Map<number, (body: unknown) => void>();
  let seq = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    const message = JSON.parse(line) as Response;
    if (message.type === "response" && message.request_seq !== undefined)
      pending.get(message.request_seq)?.(message.body);
  });
  const send = (command: string, given: object): number => {
    seq += 1;
    child.stdin.write(`${JSON.stringify({ seq, type: "request", command, arguments: given })}\n`);
    return seq;
  };
  for (const file of files) send("open", { file, fileContent: readFileSync(file, "utf8") });
  const ask = (command: string, file: string, needle: string): Promise<unknown> => {
    const before = readFileSync(file, "utf8").split(needle)[0]?.split("\n") ?? [];
    const place = { file, line: before.length, offset: (before.at(-1)?.length ?? 0) + 1 };
    return new Promise((done) => pending.set(send(command, place), done));
  };
  return {
    async definition(file, needle) {
      const places = (await ask("definition", file, needle)) as readonly Place[];
      return places.map(({ file: path, start }) => {
        const line = readFileSync(path, "utf8").split("\n")[start.line - 1] ?? "";
        return { file: path, text: line.slice(start.offset - 1).trim() };
      });
    },
    async hover(file, needle) {
      const { documentation } = (await ask("quickinfo", file, needle)) as { readonly documentation: string };
      return documentation;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
