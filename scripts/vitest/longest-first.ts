import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Test files that take long, by their paths, the longest first: one that starts last would run on alone. */
const slow = [/inbox-postgres\/test\/conformance/, /\/conformance\.test/, /\/e2e\//, /apps\/runner\/test\//];

function rankOf({ moduleId }: TestSpecification): number {
  const rank = slow.findIndex((path) => path.test(moduleId));
  return rank === -1 ? slow.length : rank;
}

/** Starts the test files that take long before the others. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // eslint-disable-next-line unicorn/no-array-sort -- vitest's method, not that of arrays
    const sorted = await super.sort(files);
    return sorted.toSorted((left, right) => rankOf(left) - rankOf(right));
  }
}
