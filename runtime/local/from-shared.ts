/** A local region that another thread of this process, or this one, gave away with `region.share()`. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { checkOptions } from "../arguments/check-options.js";
import { isInt32Array, isSharedArrayBuffer } from "../arguments/kinds-of-memory.js";
import { type Plan, extentOf } from "../format/plan.js";
import { judge } from "../format/verdict.js";
import { notShared, sharedForWriting } from "../mapping/refusals.js";
import { LOCAL_KIND, type SharedLocal, type SharedRegion } from "../mapping/shared-form.js";
import { tailWords } from "../mapping/tail.js";
import type { FromSharedOptions } from "../open/options.js";
import { unknownAccess } from "../region/refusals.js";
import { Region } from "../region/region.js";
import { localMemory, localPlanOf } from "./local-memory.js";
import { headerOf, localView } from "./local-view.js";
import { otherCode } from "./refusals.js";

/** Whether a value says that it is of a local region. */
export function isSharedLocal(shared: SharedRegion): shared is SharedLocal {
  return (Object(shared) as { readonly kind?: unknown }).kind === LOCAL_KIND;
}

/** @throws ShmError ERR_SHM_FORMAT, _VERSION, _LAYOUT for a region of other code, _READ_ONLY; ShmRangeError for a value that share() did not give */
export function localFromShared<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  shared: SharedLocal,
  options: FromSharedOptions = {},
): Region<T> {
  checkMembers(shared);
  checkOptions(options, "fromShared");
  const { path, name, buffer } = shared;
  const { access = "read-write" } = options;
  if (access === "read-only") throw sharedForWriting(access, "read-write", path);
  if (access !== "read-write") throw unknownAccess(["read-write", "read-only"], access, path);
  const plan = localPlanOf(definition);
  checkCode(plan, buffer, path);
  const generation = plan.header === "dotnet" ? 0 : 1;
  const { accessor } = definition;
  const memory = localMemory(shared);
  const tailLength = plan.tailStride === 0 ? undefined : tailWords(buffer).tailLength;
  const view = localView(memory, accessor, plan, extentOf(plan, tailLength, path));
  const headerCopy = headerOf(view.memory, plan);
  return new Region({ name, outcome: "opened", memory, view, accessor, plan, generation, headerCopy, keep: false });
}

function checkMembers(shared: SharedLocal): void {
  const { name, path, id, buffer, recoverers } = shared as Readonly<Record<string, unknown>> & SharedLocal;
  const isText = (value: unknown): boolean => typeof value === "string";
  if (!isText(name)) throw notShared(shared, "name", "a text", name);
  if (!isText(path)) throw notShared(shared, "path", "a text", path);
  if (!isText(id)) throw notShared(shared, "id", "a text", id);
  if (!isSharedArrayBuffer(buffer)) throw notShared(shared, "buffer", "a SharedArrayBuffer", buffer);
  const isWord = isInt32Array(recoverers) && recoverers.length === 1 && isSharedArrayBuffer(recoverers.buffer);
  if (!isWord) throw notShared(shared, "recoverers", "a shared word", recoverers);
}

/** The header of the memory is one that this code has made. */
function checkCode(plan: Plan, buffer: SharedArrayBuffer, path: string): void {
  const size = buffer.byteLength;
  const copy = new Uint8Array(buffer, 0, Math.min(size, plan.headerSize)).slice();
  const isOurs = plan.identity.every((byte, index) => byte === copy[index]);
  if (plan.header === "standard" && isOurs) return;
  const verdict = judge(copy, size, plan);
  if (verdict.kind === "ready") return;
  if (verdict.kind !== "mismatch")
    throw otherCode("ERR_SHM_FORMAT", "the memory is no region", {
      field: "header",
      expected: plan.name,
      found: verdict.kind,
      path,
    });
  const { code, what, field, expected, found } = verdict;
  throw otherCode(code, what, { field, expected, found, path });
}
