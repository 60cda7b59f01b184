/** A defect that is written into a copy of the shipped source. */
export interface SeededFault {
  readonly name: string;
  /** Below `packages/`. */
  readonly file: string;
  /** Must be there once. */
  readonly find: string;
  readonly replace: string;
  /** What the simulation says of it. */
  readonly finding: RegExp;
}

export const seededFaults: readonly SeededFault[] = [
  {
    name: "the store takes a checkpoint of an owner that lost its lease",
    file: "connector-sdk/src/store/lease-rules.ts",
    find: "row.lease !== undefined && row.epoch === lease.epoch",
    replace: "row.lease !== undefined && row.epoch >= lease.epoch",
    finding: /moved the cursor after|the cursor went back/,
  },
  {
    name: "an owner whose renewals fail does not give up its lease",
    file: "runner/src/pull/lease-keeper.ts",
    find: "return sentAtMs + this.#ttlMs - this.#ttlMs / safetyPart;",
    replace: "return sentAtMs + this.#ttlMs * safetyPart;",
    finding: /read under epoch \d+, \d+ ms after \d+ was granted/,
  },
  {
    name: "a page is recorded as safe before it is delivered",
    file: "runner/src/pages/deliver-pages.ts",
    find: "    const isEmpty = page.episodes.length === 0;",
    replace: "    await recordSafe?.(page);\n    const isEmpty = page.episodes.length === 0;",
    finding: /the cursor passed page \d+, which is not stored/,
  },
  {
    name: "the store forgets which due was finished",
    file: "connector-sdk/src/store/lease-rules.ts",
    find: "return { ...free, finishedDueMs: dueMs, openDueMs: undefined, resumeAtMs: undefined };",
    replace: "return { ...free, openDueMs: undefined, resumeAtMs: undefined };",
    finding: /the due \d+ was finished after/,
  },
  {
    name: "what a dead process had claimed stays claimed in the inbox",
    file: "inbox-memory/src/memory-engine.ts",
    find: "if (item !== undefined) this.#waiting.putBack(item);\n    }",
    replace: "if (item !== undefined) continue;\n    }",
    finding: /was acknowledged and is not stored|wait in the inboxes/,
  },
  {
    name: "an event is settled while its episodes are still on their way",
    file: "runner/src/push/item-processor.ts",
    find: "const report = await deliverPages({",
    replace: "const report = { delivered: 0, buried: 0, skipped: 0, failed: 0 } as never;\n    void deliverPages({",
    finding: /was settled before it was stored/,
  },
];
