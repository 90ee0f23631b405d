/**
 * The compiler as a library: schema text or a {@link SchemaIr} in, generated files and diagnostics out.
 * @packageDocumentation
 */
export { compile, emitCache } from "./compile.js";
export type { CompileFiles, CompileIr, CompileResult, CompileTargets, Disk } from "./compile.js";
export { defineConfig } from "./config/define-config.js";
export type { CustomTargetConfig, ShmgenConfig } from "./config/define-config.js";
export type { Diagnostic } from "./diagnostics/diagnostic.js";
export type { GeneratedFile } from "./emit/common/options.js";
export type { CustomTarget } from "./emit/custom/custom.js";
export type { EmitCache } from "./emit/emit-groups.js";
export type { TargetName } from "./emit/registry.js";
export type { BitsIr, EnumIr, FieldIr, SchemaIr, SourceSpan, StructIr, TypeIr } from "./ir/ir.js";
export type { FieldLayout, LayoutModel, StructLayout, TailLayout } from "./layout/layout.js";
export { DescriptorError, layoutFromCanonical, parseDescriptor } from "./layout/read-canonical.js";
export type { ReadLayout } from "./layout/read-canonical.js";
export type { RegionFacts as DescribedRegion } from "@shmgen/schema/evolution";
export { version } from "./version.js";
