import { expect, it } from "vitest";
import { Automata, explore, type Scenario } from "./explore.js";
import { PROTOCOL } from "./protocol.js";
import { KEPT, REMOVED, THREE_BY_ONE, TWO_BY_TWO } from "./scenarios.js";

for (const [name, scenarios] of Object.entries({ TWO_BY_TWO, THREE_BY_ONE, KEPT, REMOVED })) {
  it(name, () => {
    const a = new Automata(PROTOCOL);
    let states = 0;
    const t = performance.now();
    let max = 0;
    const out = new Set<string>();
    for (const s of scenarios as Scenario[]) {
      const r = explore(a, s);
      for (const o of r.outcomes) out.add(o);
      states += r.states;
      max = Math.max(max, r.states);
      if (r.violation) {
        console.log(JSON.stringify(s), r.violation.trace.join("\n"));
        expect(r.violation).toBeUndefined();
      }
    }
    console.log(name, scenarios.length, states, max, performance.now() - t, [...out].join());
  }, 300000);
}
