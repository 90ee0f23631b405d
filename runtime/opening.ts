/** All that opens regions: what generated code needs once a region is opened, and not before. See later.ts. */
export { createAnonymousRegion } from "./open/anonymous.js";
export { attachForeign } from "./open/attach.js";
export { attachForeignSegment } from "./open/attach-segment.js";
export { whenForeignAttached } from "./open/when-attached.js";
export { type Migration, migration, type RegionClass } from "./open/migration.js";
export { createOrOpenRegion, createRegion, openRegion, openRegionReadOnly, whenRegionReady } from "./open/open.js";
export { createUniqueRegion } from "./open/unique.js";
export { createLocalRegion } from "./local/create-local.js";
export { attachRegion } from "./handover/attach-fd.js";
export { attachForeignDescriptor } from "./handover/attach-foreign-fd.js";
export { regionFromShared } from "./handover/from-shared.js";
export { regionFromToken } from "./handover/from-token.js";
export { receiveRegion, type Sendable, sendRegion } from "./handover/hand-over.js";
export { dotnetLocation, type DotnetLocationOptions, type RegionLocation } from "./place/location-dotnet.js";
export { stable } from "./region/stable.js";
