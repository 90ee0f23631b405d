export interface DieOptions {
  readonly loads?: boolean;
  readonly die?: () => unknown;
}
export function dieAt(point: number, options?: DieOptions): () => number;
export function stayAt(words: Int32Array): void;
