/**
 * A process's state is a node of an automaton that is unfolded from its generator by replaying the results it got, so that
 * states can be compared and explored once.
 */
import { ModelError, type System } from "./kernel.js";
import { LINUX } from "./linux-kernel.js";
import { type Operation, type Outcome, type Step, begin } from "./protocol.js";
import type { Rules } from "./rules.js";
import { WINDOWS } from "./windows-kernel.js";

/** A place in a program: the operations that are left, what is open, and the results of the present attempt. */
export interface Node {
  readonly id: number;
  readonly program: readonly Operation[];
  readonly handles: readonly number[];
  readonly results: readonly number[];
  /** Absent at the end of the program. */
  readonly step?: Step;
  readonly next: Map<number, { readonly node: Node; readonly outcome?: Outcome }>;
}

/** The automata of all programs under one set of rules. */
export class Automata {
  readonly system: System;
  readonly #rules: Rules;
  readonly #nodes: Node[] = [];
  readonly #starts = new Map<string, Node>();

  constructor(rules: Rules) {
    this.#rules = rules;
    this.system = { linux: LINUX, windows: WINDOWS }[rules.system];
  }

  node(id: number): Node {
    const node = this.#nodes[id];
    if (node === undefined) throw new ModelError(`no node ${id}`);
    return node;
  }

  /** Where a program begins, with descriptors that are open already. */
  start(program: readonly Operation[], handles: readonly number[]): Node {
    const key = `${program.join(" ")}|${handles.join(" ")}`;
    let node = this.#starts.get(key);
    if (node === undefined) {
      const operation = program[0];
      // Closing what could not be opened is nothing.
      if (operation?.startsWith("close") === true && handles.length === 0) node = this.start(program.slice(1), handles);
      else node = this.#add(program, handles, [], this.#replay(program, handles, []));
      this.#starts.set(key, node);
    }
    return node;
  }

  /** The node after a result, and the outcome when an operation ended with it. */
  advance(node: Node, result: number): { readonly node: Node; readonly outcome?: Outcome } {
    let next = node.next.get(result);
    if (next === undefined) {
      next = this.#advance(node, result);
      node.next.set(result, next);
    }
    return next;
  }

  #advance({ program, handles, results }: Node, result: number): { node: Node; outcome?: Outcome } {
    const all = [...results, result];
    const at = this.#replay(program, handles, all);
    if ("name" in at) return { node: this.#add(program, handles, all, at) };
    if (at.kind === "retry") return { node: this.start(program, handles), outcome: at };
    const isClose = program[0]?.startsWith("close") === true;
    const open = isClose ? handles.slice(0, -1) : "fd" in at ? [...handles, at.fd] : handles;
    return { node: this.start(program.slice(1), open), outcome: at };
  }

  #add(
    program: readonly Operation[],
    handles: readonly number[],
    results: readonly number[],
    at: Step | Outcome,
  ): Node {
    const id = this.#nodes.length;
    const node: Node = { id, program, handles, results, ...("name" in at && { step: at }), next: new Map() };
    this.#nodes.push(node);
    return node;
  }

  #replay(program: readonly Operation[], handles: readonly number[], results: readonly number[]): Step | Outcome {
    const operation = program[0];
    if (operation === undefined) return { kind: "closed" };
    const run = begin(this.#rules, operation, handles.at(-1) ?? -1);
    let at = run.next();
    for (const result of results) at = run.next(result);
    return at.value;
  }
}
