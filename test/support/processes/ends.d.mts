export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
export declare const KILLED_CODE: number;
export declare function endOf(code: number | null, signal: NodeJS.Signals | null): End;
