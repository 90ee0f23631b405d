import { byDepth } from "../run/depth.js";

/** Compiler options under which generated code has to pass. */
export const STRICT = {
  target: "ES2022",
  lib: ["ES2023", "ESNext.Disposable"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  declaration: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  noEmit: true,
};

/** The compilers that users may have, with the path from the root. */
export const COMPILERS = [
  ["5.9", "node_modules/typescript-5.9/bin/tsc"],
  ["6.0", "node_modules/typescript/bin/tsc"],
  ["7.0", "node_modules/typescript-7/bin/tsc"],
] as const;

/** Those that a run tries: in short the one that is quickest by far. */
export const COMPILERS_TRIED = COMPILERS.filter(([version]) => byDepth(version === "7.0", true));
