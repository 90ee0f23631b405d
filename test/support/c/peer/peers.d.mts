import type { ChildProcess } from "node:child_process";

/** One process with at most one region open. */
export interface Peer {
  readonly language: "C" | "Node";
  /** Sends a command of c-peer/serve.c and resolves with its answer. Never resolves when the process dies before. */
  ask(command: string): Promise<string>;
  /** Kills it and resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it has died of a step that it was told to die at. */
  reap(): Promise<void>;
}
export interface NodePeer extends Peer {
  readonly pid: number;
}
/** Why there are no peers in C; undefined when there are. */
export declare const withoutGcc: string | undefined;
/** In a folder of its own: `module` is the URL of the schema's JavaScript, `program(name)` the path of a compiled program. */
export declare function buildPeers(
  library?: string,
  command?: string,
): Promise<{
  readonly module: string;
  program(name: string, source?: string): string;
  remove(): void;
}>;
export interface Server {
  start(): Promise<Peer>;
  stop(): Promise<void>;
}
export declare function startServer(serve: string, directory: string): Server;
/** As startServer, of a process that runs `serve`. */
export declare function startServerOf(child: ChildProcess): Server;
export declare function startNodePeer(module: string, directory: string): Promise<NodePeer>;
