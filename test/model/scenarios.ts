/** Which processes do what, and from where: everything that the proof claims to cover. */
import type { Scenario, Start } from "./explore.js";
import type { Operation } from "./protocol.js";

const STARTS: readonly Start[] = ["absent", "empty", "torn", "left-over", "foreign"];
const OPENS: readonly Operation[] = ["createOrOpen", "create", "open"];
const OPERATIONS: readonly Operation[] = [...OPENS, "close"];

/** Programs without regard to which process runs which. */
function multisets<T>(items: readonly T[], size: number, from = 0): T[][] {
  if (size === 0) return [[]];
  return items.slice(from).flatMap((item, index) => {
    const rests = multisets(items, size - 1, from + index);
    return rests.map((rest) => [item].concat(rest));
  });
}

/** A program that begins with a close has the region open, so that it can only start from a live one. */
function startsOf(programs: readonly (readonly Operation[])[]): readonly Start[] {
  return programs.some((program) => program[0]?.startsWith("close")) ? ["live"] : STARTS;
}

const withRemoval = (programs: (readonly Operation[])[]): (readonly Operation[])[] => programs.concat([["remove"]]);

function everyStart(programs: readonly (readonly Operation[])[]): Scenario[] {
  return startsOf(programs).map((start) => ({ start, programs }));
}

const pairs = OPERATIONS.flatMap((first) => OPERATIONS.map((second) => [first, second]));

/** 2 processes x 2 operations. */
export const TWO_BY_TWO: readonly Scenario[] = multisets(pairs, 2).flatMap(everyStart);

/** 3 processes x 1 operation. */
export const THREE_BY_ONE: readonly Scenario[] = multisets(
  OPERATIONS.map((operation) => [operation]),
  3,
).flatMap(everyStart);

/** What the other options change: regions that survive their users. */
export const KEPT: readonly Scenario[] = multisets(
  (["createOrOpen", "keepOrOpen", "open"] as const).flatMap((first) =>
    (["keepOrOpen", "closeAndKeep"] as const).map((second) => [first, second]),
  ),
  2,
).flatMap(everyStart);

/** Somebody removes the file meanwhile, as a cleaner of temporary files does. */
export const REMOVED: readonly Scenario[] = multisets(
  [
    ["createOrOpen"],
    ["open"],
    ["close"],
    ["createOrOpen", "close"],
    ["close", "createOrOpen"],
  ] as (readonly Operation[])[],
  2,
)
  .map(withRemoval)
  .flatMap(everyStart);

const migrating: readonly (readonly Operation[])[] = [
  ["migrate"],
  ["migrate", "migrate"],
  ["migrate", "closeAndKeep"],
  ["migrate", "close"],
  ["open"],
  ["createOrOpen"],
  ["create"],
  ["keepOrOpen"],
  ["clean"],
  ["look"],
  ["remove"],
];

/** Somebody carries a region over to another version, while others do the same, open, look, clean or remove it. */
export const MIGRATED: readonly Scenario[] = [
  ...multisets(migrating, 2),
  ...multisets(
    [["migrate"], ["open"], ["close"], ["createOrOpen"], ["remove"], ["look"]] as (readonly Operation[])[],
    2,
  ).map((programs) => [["migrate"] as readonly Operation[]].concat(programs)),
]
  .filter((programs) => programs.some((program) => program[0] === "migrate"))
  .flatMap(everyStart);

const LOOKS: readonly (readonly Operation[])[] = [["look"], ["clean"]];

/** Somebody lists or cleans the directory meanwhile; and two who clean it at once. */
export const CLEANED: readonly Scenario[] = [
  ...multisets(
    [
      ["createOrOpen"],
      ["create"],
      ["open"],
      ["close"],
      ["createOrOpen", "close"],
      ["close", "createOrOpen"],
      ["keepOrOpen"],
      ["closeAndKeep"],
      ["clean"],
    ] as (readonly Operation[])[],
    2,
  ),
]
  .flatMap((programs) => LOOKS.map((look) => programs.concat([look])))
  .flatMap(everyStart);

const singles: readonly (readonly Operation[])[] = [
  ["createOrOpen"],
  ["keepOrOpen"],
  ["create"],
  ["open"],
  ["close"],
  ["closeAndKeep"],
];

/** Small scenarios in which a mistake shows soon, the smallest first. */
export const HUNT: readonly Scenario[] = [
  ...multisets(singles, 2).flatMap(everyStart),
  ...multisets(singles, 2).flatMap((programs) => everyStart(withRemoval(programs))),
  ...singles.flatMap((program) => LOOKS.flatMap((look) => everyStart([program, look]))),
  ...MIGRATED.filter(({ programs }) => programs.flat().length <= 2),
  ...MIGRATED.filter(({ programs }) => programs.flat().length === 3 && programs.flat().includes("remove")),
];

/** As HUNT, those who clean or migrate first, and the long ones last. */
export const HUNT_ON_WINDOWS: readonly Scenario[] = HUNT.filter(({ programs }) => programs.length === 2)
  .reverse()
  .concat(HUNT.filter(({ programs }) => programs.length > 2));
