/** The text of `modules.ts`. */
export function assembled(): Promise<string>;
