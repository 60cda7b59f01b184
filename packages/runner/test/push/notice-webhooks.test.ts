import { expect, test } from "vitest";
import { noticingWebhooks } from "../../src/push/notice-webhooks.ts";

test.each([
  { outcome: "fresh", because: undefined, isVerified: true },
  { outcome: "duplicate", because: undefined, isVerified: true },
  { outcome: "responded", because: { ignored: "ping" }, isVerified: true },
  { outcome: "responded", because: { ignored: "sample" }, isVerified: false },
  { outcome: "responded", because: undefined, isVerified: false },
] as const)("$outcome with $because counts as a word of the provider: $isVerified", ({ outcome, because, isVerified }) => {
  let verified = 0;
  const observer = { received: () => undefined, answered: () => undefined };
  noticingWebhooks(observer, {
    refused: () => undefined,
    verified: () => void (verified += 1),
    turnedAway: () => undefined,
  }).answered(200, 1, outcome, because);
  expect(verified).toBe(isVerified ? 1 : 0);
});
