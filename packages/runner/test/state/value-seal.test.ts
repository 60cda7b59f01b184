import { randomBytes } from "node:crypto";
import { isConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { deriveKey, KeyedSeal } from "../../src/state/value-seal.ts";

const place = "secret/pull/gmail/work refresh-token";
const raw = () => new Secret(randomBytes(32).toString("base64"));
const passphrase = new Secret("correct horse battery staple");

async function refusal(work: Promise<string>): Promise<string> {
  return work.then(
    () => Promise.reject(new Error("it was opened")),
    (error: unknown) => {
      if (!isConnectorsError(error, "STORE_STORAGE_LOCKED")) throw error;
      return error.message;
    },
  );
}

describe.each([
  ["32 bytes as base64", raw()],
  ["32 bytes as base64url without padding", new Secret(randomBytes(32).toString("base64url"))],
  ["a passphrase", passphrase],
])("with %s as the key", (_, key) => {
  test("a value is read by another process, and cannot be read without the key", async () => {
    const sealed = await new KeyedSeal([key]).seal("token-1", place);
    expect(sealed).not.toContain("token-1");
    expect(Buffer.from(sealed).toString("base64")).not.toContain(Buffer.from("token-1").toString("base64").slice(0, 8));
    expect(await new KeyedSeal([key]).open(sealed, place)).toBe("token-1");
    expect(await refusal(new KeyedSeal().open(sealed, place))).toContain("no `key`");
    expect(await refusal(new KeyedSeal([raw()]).open(sealed, place))).toContain("another key");
    expect(await refusal(new KeyedSeal([new Secret("another long passphrase")]).open(sealed, place))).toContain("another key");
  });

  test("the same value is never stored in the same form twice", async () => {
    const seal = new KeyedSeal([key]);
    expect(await seal.seal("token-1", place)).not.toBe(await seal.seal("token-1", place));
  });

  test("a value that was altered, or moved to another place, is refused", async () => {
    const seal = new KeyedSeal([key]);
    const sealed = await seal.seal("token-1", place);
    expect(await refusal(seal.open(sealed, "secret/pull/gmail/other refresh-token"))).toContain("altered");
    const { data, ...rest } = JSON.parse(sealed) as { data: string };
    const bytes = Buffer.from(data, "base64");
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await refusal(seal.open(JSON.stringify({ ...rest, data: altered.toString("base64") }), place));
    }
    for (let length = 0; length < bytes.length; length += 1)
      await refusal(seal.open(JSON.stringify({ ...rest, data: bytes.subarray(0, length).toString("base64") }), place));
  });
});

test("values from before a key was set are read, and values of a replaced key with the old one behind the new one", async () => {
  const [old, next] = [raw(), passphrase];
  const plain = await new KeyedSeal().seal("token-1", place);
  expect(await new KeyedSeal([next]).open(plain, place)).toBe("token-1");
  const sealed = await new KeyedSeal([old]).seal("token-2", place);
  const both = new KeyedSeal([next, old]);
  expect(await both.open(sealed, place)).toBe("token-2");
  expect(await new KeyedSeal([next]).open(await both.seal("token-3", place), place)).toBe("token-3");
});

test("a text of any characters comes back as it was", async () => {
  for (const text of ["", "\u{1f511} ü\n", '{"v":1,"plain":"x"}', "x".repeat(16_384)]) {
    for (const seal of [new KeyedSeal(), new KeyedSeal([passphrase])])
      expect(await seal.open(await seal.seal(text, place), place)).toBe(text);
  }
});

test.each([
  "",
  "garbage",
  "null",
  "[]",
  "{}",
  '{"v":2,"plain":"x"}',
  '{"v":1,"plain":7}',
  '{"v":1,"iv":"","data":""}',
  '{"v":1,"iv":7,"data":7}',
])("what was not written here is refused: %s", async (stored) => {
  for (const seal of [new KeyedSeal(), new KeyedSeal([passphrase]), new KeyedSeal([raw()])])
    expect(await refusal(seal.open(stored, place))).not.toBe("");
});

test("no error shows a value or a key", async () => {
  const sealed = await new KeyedSeal([passphrase]).seal("token-1", place);
  const message = await refusal(new KeyedSeal([new Secret("another long passphrase")]).open(sealed, place));
  expect(message).not.toMatch(/token-1|horse|another long/);
});

test("a key that could not be derived because memory was short is derived at the next use", async () => {
  let failures = 1;
  const seal = new KeyedSeal([passphrase], async (...of) => {
    failures -= 1;
    if (failures >= 0) throw new Error("memory limit exceeded");
    return deriveKey(...of);
  });
  await expect(seal.seal("token-1", place)).rejects.toThrow("memory limit exceeded");
  expect(await new KeyedSeal([passphrase]).open(await seal.seal("token-1", place), place)).toBe("token-1");
});
