import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";
import { cContainers } from "./c-containers.mjs";

const SCHEMA = `import type { Region, bipBuffer, messages } from "@shmgen/schema";

export interface Wire extends Region<{ type: 0x11c5; version: 1 }> {
  stream: bipBuffer<1048576>;
  log: messages<1048576>;
}
`;

/** Generated code of the schema, in a folder that has no packages. */
async function generate(folder) {
  const { files, diagnostics } = await compile({
    files: ["wire.shm.ts"],
    readFile: () => SCHEMA,
    targets: ["js"],
    outputPath: () => "wire",
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const { resolve } = createRequire(import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    const code = text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_text, door) =>
      JSON.stringify(pathToFileURL(resolve(door)).href),
    );
    writeFileSync(join(folder, path), code);
  }
  return join(folder, "wire.js");
}

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cContainers(folder);
  const wire = await generate(join(folder, "wire"));
  const node = (...words) => [process.execPath, join(import.meta.dirname, "bytes-contender.mjs"), wire, ...words];
  const streams = (label, size) => ({
    name: `bipBuffer: pieces of ${label} between two processes`,
    contenders: [
      { name: "c", label: "C, push and peek", command: c(`bytes-${size}`) ?? node("push", `${size}`) },
      { name: "push", label: "shmgen push and peek", command: node("push", `${size}`) },
      { name: "claim", label: "shmgen claim, publish and peek", command: node("claim", `${size}`) },
      { name: "pipe", label: "a pipe", command: node("pipe", `${size}`) },
    ],
  });
  const messages = (label, size, limit) => ({
    name: `messages of ${label}, as text, between two processes`,
    contenders: [
      { name: "send", label: "process.send", command: node("send", `${size}`) },
      { name: "c", label: "C, push and peek", command: c(`messages-${size}`) },
      { name: "text", label: "shmgen push, peek and text", command: node("text", `${size}`), limit },
      { name: "drain", label: "shmgen push and drain text", command: node("drain", `${size}`), limit },
      { name: "bytes", label: "shmgen push and take bytes", command: node("bytes", `${size}`) },
      { name: "for await", label: "shmgen pushAsync and for await", command: node("async", `${size}`) },
      { name: "port", label: "MessagePort, two threads", command: node("port", `${size}`) },
      { name: "pipe", label: "a pipe, lines or lengths apart", command: node("pipe", `${size}`) },
    ],
  });
  return [
    streams("64 bytes", 64),
    streams("64 KiB", 65_536),
    messages("16 bytes", 16),
    messages("1 KiB", 1024, 0.05),
    messages("64 KiB", 65_536),
  ];
}
