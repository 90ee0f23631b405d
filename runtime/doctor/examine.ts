/**
 * Runs all checks, in the order of their words, and puts what they find into words.
 *
 *   options -> surroundings (check.ts) -> one probe for each fact -> words.ts -> Finding: status, what, remedy
 */
import { printable } from "../../schema/printable.js";
import { errorMessage } from "../errors.js";
import {
  type Check,
  type CheckId,
  type CheckOptions,
  type Probe,
  type Surroundings,
  deniedByNode,
  surroundingsOf,
} from "./check.js";
import { DARWIN } from "./darwin/probes.js";
import { LINUX } from "./linux/probes.js";
import { WIN32 } from "./win32/probes.js";

/** On a system that has no doctor, that of Linux says so. */
const system = process.platform === "win32" ? WIN32 : process.platform === "darwin" ? DARWIN : LINUX;

/**
 * Looks at everything that regions need on this system: Node, koffi, memory, the directory and its file system, locks, waits, limits,
 * and what removes files. Takes about half a second, and calls up to two child processes. Changes nothing: the files that it
 * needs are removed from the directory as soon as they are open. Never throws for what it finds.
 */
export async function checkEnvironment(options: CheckOptions = {}): Promise<readonly Check[]> {
  const surroundings = surroundingsOf(options, system);
  const { only } = options;
  const checks: Check[] = [];
  for (const id of Object.keys(system.words) as CheckId[]) {
    if (only !== undefined && !only.includes(id) && !system.needed.has(id)) continue;
    const why = system.obstacle(id, checks);
    checks.push(why === undefined ? await examine(id, surroundings) : worded(id, "skipped", why));
  }
  return only === undefined ? checks : checks.filter(({ id }) => only.includes(id));
}

async function examine<Id extends CheckId>(id: Id, surroundings: Surroundings): Promise<Check> {
  try {
    const probe: Probe<Id> | undefined = system.probes[id];
    if (probe === undefined) throw new Error(`the check ${id} has no probe`);
    const { is, found, facts } = await probe(surroundings);
    return worded(id, String(is), found, facts);
  } catch (error) {
    if (deniedByNode(error)) return worded(id, "skipped", "Node's permission model denies it");
    const found = printable(errorMessage(error));
    const remedy = "if the message does not say what to do, report it with the output of this command";
    return { id, title: titleOf(id), status: "problem", found, expected: "no error", remedy };
  }
}

/** What is found may name files and processes of others. */
function worded(id: CheckId, is: string, text: string, facts: Readonly<Record<string, string | number>> = {}): Check {
  const title = titleOf(id);
  const found = printable(text);
  if (is === "ok" || is === "skipped") return { id, title, status: is, found };
  const verdict = system.words[id]?.verdicts[is];
  if (verdict === undefined) throw new Error(`the check ${id} has no words for ${is}`);
  const filled = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => printable(String(facts[name] ?? `{${name}}`)));
  const { status, expected, remedy } = verdict;
  return { id, title, status, found, expected: filled(expected), remedy: filled(remedy) };
}

function titleOf(id: CheckId): string {
  return system.words[id]?.title ?? id;
}
