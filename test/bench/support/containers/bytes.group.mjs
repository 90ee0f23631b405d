import { join } from "node:path";
import { cContainers } from "./c-containers.mjs";
import { generatedModule } from "./c-program.mjs";

const SCHEMA = `import type { Region, bipBuffer, messages } from "@shmgen/schema";

export interface Wire extends Region<{ type: 0x11c5; version: 1 }> {
  stream: bipBuffer<1048576>;
  log: messages<1048576>;
}
`;

/** `folder`: for what is built. */
export async function groups(folder) {
  const c = await cContainers(folder);
  const wire = await generatedModule(join(folder, "wire"), { name: "wire", schema: SCHEMA });
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
