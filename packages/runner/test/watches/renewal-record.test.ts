import { expect, test } from "vitest";
import { formatRenewal, parseRenewal, type RenewalRecord } from "../../src/watches/renewal-record.ts";

const renewed = { renewedAtMs: 1, expiresAtMs: 2, warnBeforeMs: 3, dueAtMs: 4 };
const failing = { sinceMs: 1, failures: 1, retryAtMs: 2, isPassing: false, code: "DEMO_FORBIDDEN", message: "no right" };

test("a stored renewal is read as it was written", () => {
  const record: RenewalRecord = { options: "o", renewed, failing: { ...failing, hint: "grant the right" } };
  expect(parseRenewal(formatRenewal(record))).toMatchObject(record);
});

test.each([
  ["a time that no date has", { options: "o", renewed: { ...renewed, expiresAtMs: -1e300 } }],
  ["a failure since a time that no date has", { options: "o", failing: { ...failing, sinceMs: 9e15 } }],
  ["a hint that is no text", { options: "o", failing: { ...failing, hint: 5 } }],
  ["a time that is a text", { options: "o", renewed: { ...renewed, dueAtMs: "4" } }],
])("a stored renewal with %s counts as none", (_, stored) => {
  expect(parseRenewal(JSON.stringify({ v: 1, ...stored }))).toBeUndefined();
});
