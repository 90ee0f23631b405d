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
  type CanonicalType,
  type DescribedLayout,
  LayoutError,
  readDescribedLayout,
  readLayout,
  type RegionFacts,
  typeText,
} from "./canonical.js";
export { type Change, compareLayouts, type PartialStruct, sentenceOf, type Verdict } from "./compare.js";
export { type ChangeClass, CLASSES, type Rule, type RuleCode, RULES, stronger } from "./rules.js";
