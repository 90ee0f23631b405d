/**
 * Names of properties that never leave the runtime, neither to users nor to generated code, workers' messages included. They
 * ship as one or two letters. A name belongs here only when no object that shows outside has a property of that name.
 */
export const INTERNAL_NAMES = ["addressOf", "removeIfLast", "remainingMs"];
