/** The engine itself, wherever it runs. */
import { errorMessage, isShmError } from "../errors.js";
import type { Found } from "./check.js";

export function nodeVersion(): Found<"old" | "untested"> {
  const found = process.versions.node;
  const [major = 0, minor = 0] = found.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) return { is: "old", found };
  return { is: major % 2 === 0 && major <= 26 ? "ok" : "untested", found };
}

/** V8 with a sandbox for its heap refuses buffers over other memory, and koffi then ends the process. */
export function externalBuffers(): Found<"forbidden"> {
  const electron = process.versions["electron"];
  if (electron !== undefined) return { is: "forbidden", found: `Electron ${electron}` };
  const variables: Readonly<Record<string, unknown>> = { ...process.config.variables };
  if (Number(variables["v8_enable_sandbox"]) === 1) return { is: "forbidden", found: "a V8 with a sandbox" };
  return { is: "ok", found: "allowed" };
}

/** `version` throws where it cannot be loaded. */
export function koffiLoads(version: () => string): Found<"missing" | "other"> {
  try {
    const found = version();
    const [major = 0, minor = 0, patch = 0] = found.split(".").map(Number);
    const tested = major === 3 && minor * 1000 + patch >= 3004;
    return { is: tested ? "ok" : "other", found };
  } catch (error) {
    const reason = isShmError(error) && "cause" in error ? error.cause : error;
    return { is: "missing", found: errorMessage(reason).split("\n", 1)[0] ?? "" };
  }
}
