/** Whether two processes meet on a word of memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { wake } from "../../os/waiting.js";
import { type Found, type Surroundings, refusalIn } from "../check.js";
import { WORD } from "./partner-job.js";
import { withPartner } from "./partner.js";

const ADD_MS = 300;
const TURN_MS = 5000;
const WAKE_MS = 3000;

export function wakesAcross(surroundings: Surroundings): Promise<Found<"deaf" | "refused">> {
  return withPartner(surroundings, "sleep", async ({ words, mapping, finish }) => {
    const address = mapping.range.address + WORD.sleep * 4;
    let woken = 0;
    try {
      // It says that it is at work a little before it sleeps.
      for (const end = performance.now() + WAKE_MS; woken === 0 && performance.now() < end; await sleep(2)) {
        woken = wake(address, 1);
      }
      Atomics.store(words, WORD.sleep, 1);
      wake(address, 1);
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
    if (woken === 0) return { is: "deaf", found: "nobody wakes" };
    const code = await finish();
    return code === 0 ? { is: "ok", found: "works" } : { is: "deaf", found: `the waiter ended with ${code}` };
  });
}

export function atomicsCanary(surroundings: Surroundings): Promise<Found<"lost">> {
  return withPartner(surroundings, "add", async ({ words, finish }) => {
    let own = 0;
    const begin = performance.now();
    // On a machine that is busy the other one may not have had its turn yet.
    const isOver = (ms: number): boolean => ms > ADD_MS && (Atomics.load(words, WORD.added) > 0 || ms > TURN_MS);
    for (; !isOver(performance.now() - begin); own += 1000) {
      for (let round = 0; round < 1000; round += 1) Atomics.add(words, WORD.sum, 1);
    }
    Atomics.store(words, WORD.stop, 1);
    await finish();
    const other = Atomics.load(words, WORD.added);
    const sum = Atomics.load(words, WORD.sum);
    const found = `${own} + ${other} = ${sum}`;
    return { is: other > 0 && own + other === sum ? "ok" : "lost", found };
  });
}
