/** What counters refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

export function badName(field: string, found: unknown): Error {
  const expected = "a name of a metric, letters, digits, _ and :, without a digit in front";
  return outOfRange("{field} takes {expected}", { field, expected, found });
}

export function badLabels(field: string, found: unknown): Error {
  const facts = { field, expected: "labels, an object with texts", found };
  return outOfRange("{field} takes {expected}", facts, 'for example { method: "GET" }');
}

export function badLabelName(field: string, found: string): Error {
  const expected =
    "names of labels of letters, digits and _, without a digit or two _ in front, and not le or quantile";
  return outOfRange("{field} takes {expected}", { field, expected, found });
}

export function badLabelValue(field: string, label: string, found: unknown): Error {
  const facts = { field, expected: "text of whole characters, none of which is 0", found };
  return outOfRange(`{field}: the label ${label} takes {expected}`, facts);
}

/** `what`: "name and labels" or "help". */
export function textTooLong(field: string, what: string, most: number, found: number): Error {
  const facts = { field, expected: `up to ${most} bytes of UTF-8`, found };
  return outOfRange(`{field}: ${what} of a series have {expected}`, facts, "shorten them");
}

export function otherKind(facts: ShmErrorFacts, name: string, kind: string, asked: string): Error {
  const what = `{field}: ${name} is a ${kind} already, and a name is of one kind`;
  return outOfRange(what, facts, `give the ${asked} another name`);
}

/** `histogram` and `part` are both names; `found`, one of them, is there. */
export function partOfHistogram(
  facts: ShmErrorFacts,
  { histogram, part }: { readonly histogram: string; readonly part: string },
  found: { readonly name: string; readonly kind: string },
): Error {
  const what = `{field}: ${found.name} is a ${found.kind} already, and Prometheus knows a value of the histogram ${histogram} as ${part}`;
  return outOfRange(what, facts, "give one of them another name");
}

export function noSeries(facts: ShmErrorFacts, capacity: number, kept: number): Error {
  const remedy = kept === 0 ? "make it longer, or use fewer labels" : "dropKept() frees those that nobody has";
  return refusal("ERR_SHM_BUSY", "{field}: all series are taken", facts, remedy, { capacity, kept });
}

export function damagedSeries(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_FORMAT", "{field} is damaged: its list of free series names one that is none", facts);
}

export function seriesIsOver(facts: ShmErrorFacts, key: string): Error {
  return refusal("ERR_SHM_CLOSED", `{field}: the series ${key} was removed`, facts, "ask for it again");
}

export function badAmount(field: string, expected: string, found: unknown): Error {
  return outOfRange("{field} takes {expected}", { field, expected, found });
}
