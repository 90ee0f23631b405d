/** What a descriptor says of the versions before: it changes no byte, so it stands beside the canonical layout and not in it. */
import { describeLayout } from "./fingerprint.js";
import type { LayoutModel } from "./layout.js";

/** What is known of one field: the version that it came with, its name in older versions. */
export interface FieldHistory {
  readonly since?: number;
  readonly was?: string;
}

/** Index of a struct in the canonical layout, index of a field in that struct, and what is known of it. */
export type HistoryEntry = readonly [structIndex: number, fieldIndex: number, history: FieldHistory];

/** The fields with a history, by rising indexes; empty for most regions. */
export function layoutHistory(model: LayoutModel, structId: string): HistoryEntry[] {
  return historyOf(model, describeLayout(model, structId).structs);
}

/** The same for structs whose order is known. */
export function historyOf(model: LayoutModel, structs: readonly string[]): HistoryEntry[] {
  return structs.flatMap((id, structIndex) =>
    (model.structs.get(id)?.fields ?? []).flatMap(({ since, was }, fieldIndex): HistoryEntry[] => {
      if (since === undefined && was === undefined) return [];
      const history = {
        ...(since === undefined ? {} : { since: since.version }),
        ...(was === undefined ? {} : { was }),
      };
      return [[structIndex, fieldIndex, history]];
    }),
  );
}
