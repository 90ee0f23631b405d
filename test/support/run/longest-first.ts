import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Small files that take long. Without results of a run before, Vitest begins with the largest files, and these would be the last. */
const LONG = /\/(?:model\/.*-model|.*-(?:deaths|kills|mistakes|storm))\.test\.ts$/;

/** Begins with what takes longest, so that no run ends with one file on one core. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
