/** {@link file://../managing.ts} for browsers: regions between processes are managed where there are some. */
import { refusal } from "../errors.js";

export const closeOnSignals = withoutProcesses("closeOnSignals");
export const stillRuns = withoutProcesses("stillRuns");
export const regionPath = withoutProcesses("regionPath");
export const cleanStale = withoutProcesses("cleanStale");
export const listRegions = withoutProcesses("listRegions");
export const removeRegion = withoutProcesses("removeRegion");

function withoutProcesses(name: string): () => never {
  return () => {
    throw refusal("ERR_SHM_UNSUPPORTED", `${name}() manages regions of processes, of which a browser has none`, {});
  };
}
