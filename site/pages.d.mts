export const root: string;
export const staged: string;
export function menu(): [
  title: string,
  pages: { readonly source: string; readonly address: string; readonly title: string }[],
][];
export function anchorOf(heading: string): string;
export function anchorsIn(text: string): Set<string>;
export function linksIn(
  source: string,
  text: string,
): { readonly line: number; readonly link: string; readonly target: string; readonly anchor: string | undefined }[];
export function deadLinks(source: string): string[];
export function stagePages(): number;
