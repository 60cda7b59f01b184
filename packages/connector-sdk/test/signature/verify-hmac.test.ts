import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { constantTimeEqual, isFreshTimestamp, verifyHmac } from "../../src/signature/index.ts";

describe("verifyHmac", () => {
  // GitHub's published test values: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  const github = {
    algorithm: "sha256",
    secrets: ["It's a Secret to Everybody"],
    signed: ["Hello, World!"],
    signature: "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  } as const;

  test("accepts GitHub's published vector", () => {
    expect(verifyHmac(github)).toBe(true);
  });

  test("accepts the second secret during a rotation", () => {
    expect(verifyHmac({ ...github, secrets: ["new one", ...github.secrets] })).toBe(true);
  });

  test.each([
    ["another body", { signed: ["Hello, World?"] }],
    ["another secret", { secrets: ["It's a secret to everybody"] }],
    ["no secret", { secrets: [] }],
    ["an empty signature", { signature: "" }],
    ["a short signature", { signature: github.signature.slice(0, 62) }],
    ["a signature with junk behind it", { signature: `${github.signature}zz` }],
    ["odd hex", { signature: github.signature.slice(1) }],
    ["another algorithm", { algorithm: "sha1" as const }],
  ])("refuses %s", (_, change) => {
    expect(verifyHmac({ ...github, ...change })).toBe(false);
  });

  test("never matches an empty secret, even when the signature was made with one", () => {
    const signature = createHmac("sha256", "").update("x").digest("hex");
    expect(verifyHmac({ algorithm: "sha256", secrets: [""], signed: ["x"], signature })).toBe(false);
  });

  test("signs parts in order, bytes and text alike, and reads base64", () => {
    const signature = createHmac("sha256", "s").update("v0:1:body").digest("base64");
    const signed = ["v0:", "1:", Buffer.from("body")];
    expect(verifyHmac({ algorithm: "sha256", secrets: ["s"], signed, signature, encoding: "base64" })).toBe(true);
  });
});

test.each([
  ["now", "1000", true],
  ["five minutes ago", "700", true],
  ["just over five minutes ago", "699", false],
  ["five minutes ahead", "1300", true],
  ["far ahead", "1301", false],
  ["text", "10e2", false],
  ["a sign", "+1000", false],
  ["nothing", "", false],
  ["a very long number", "1".repeat(400), false],
])("judges a timestamp of %s", (_, timestamp, fresh) => {
  expect(isFreshTimestamp(timestamp, 1_000_000, 300)).toBe(fresh);
});

test("compares strings of any length", () => {
  expect(constantTimeEqual("abc", "abc")).toBe(true);
  expect(constantTimeEqual("abc", "abcd")).toBe(false);
  expect(constantTimeEqual("", "")).toBe(true);
});
