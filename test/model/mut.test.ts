import { it } from "vitest";
import { Automata, explore } from "./explore.js";
import { PROTOCOL } from "./protocol.js";
import { MUTANTS } from "./mutants.js";
import { KEPT, REMOVED, THREE_BY_ONE, TWO_BY_TWO } from "./scenarios.js";
for (const m of MUTANTS) it(m.name, () => {
    const a = new Automata({ ...PROTOCOL, ...m.rules });
    const t = performance.now();
    const found = new Map<string, string>();
    let n = 0;
    const all = [...TWO_BY_TWO, ...THREE_BY_ONE, ...KEPT, ...REMOVED].sort((x, y) => x.programs.flat().length - y.programs.flat().length);
    for (const s of all) {
      n++;
      if (performance.now() - t > 8000 && found.size) break;
      const r = explore(a, s);
      if (r.violation && !found.has(r.violation.what)) { found.set(r.violation.what, `#${n} ${s.start} ${JSON.stringify(s.programs)} ${r.states}\n` + r.violation.trace.join("\n"));
        console.log("MUT", m.name, m.caughtBy.test(r.violation.what), Math.round(performance.now() - t), found.get(r.violation.what)); if (found.size > 2) break; }
    }
    console.log("MUTEND", m.name, found.size, n, Math.round(performance.now() - t));
}, 300000);
