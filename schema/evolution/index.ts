/**
 * Whether programs of two versions of a schema can share a region.
 * @packageDocumentation
 */
export {
  type CanonicalBits,
  type CanonicalEnum,
  type CanonicalField,
  type CanonicalLayout,
  type CanonicalStruct,
  type DescribedLayout,
  declared,
  LayoutError,
  type RegionFacts,
  typeText,
} from "./canonical.js";
export { readDescribedLayout, readDescription, readLayout } from "./read-canonical.js";
export { type Change, compareLayouts, type PartialStruct, sentenceOf, type Verdict } from "./compare.js";
export { type ChangeClass, CLASSES, type Rule, type RuleCode, RULES, stronger } from "./rules.js";
