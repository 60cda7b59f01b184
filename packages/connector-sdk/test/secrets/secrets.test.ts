import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ConnectorsError, describeError, Secret } from "../../src/index.ts";
import { constantTimeEqual, hmac, verifier } from "../../src/signature/index.ts";
import { escapeInvisible, isSecret, maskSecrets, maskSecretsIn, rememberSecret } from "../../src/secrets/index.ts";
import {
  headerSecret,
  headerText,
  optionalHeaderSecret,
  optionalSecret,
  rotatingSecret,
  secretUrl,
} from "../../src/options/index.ts";

const value = 'p@ss w"rd/with+everything?';

describe("a secret", () => {
  const secret = new Secret(value);

  test.each<[string, (secret: Secret) => string]>([
    ["String()", (it) => String(it)],
    ["a template", (it) => `<${it as unknown as string}>`],
    ["concatenation", (it) => ["<", it, ">"].join("")],
    ["JSON", (it) => JSON.stringify({ it })],
    ["util.inspect", (it) => inspect({ it }, { showHidden: true, depth: 9 })],
    ["its keys", (it) => JSON.stringify([Object.entries(it), Object.getOwnPropertyNames(it)])],
    ["structuredClone", (it) => JSON.stringify(structuredClone({ it }))],
    ["an error", (it) => String(new Error(String(it)).stack)],
  ])("is not shown by %s", (_, show) => {
    expect(show(secret)).not.toContain("p@ss");
  });

  test("reveals its value, and compares and signs as the text does", () => {
    expect(secret.reveal()).toBe(value);
    expect(constantTimeEqual(secret, value)).toBe(true);
    expect(constantTimeEqual(secret, "other")).toBe(false);
    const header = "x-signature";
    const scheme = hmac({ header, algorithm: "sha256", secretOption: "secret" });
    const headers = { [header]: createHmac("sha256", "key").update("Hello").digest("hex") };
    const request = { method: "POST", path: "/", headers, body: Buffer.from("Hello"), receivedAtMs: 0 };
    for (const key of [new Secret("key"), "key"]) expect(verifier(scheme, key)(request)).toBeUndefined();
    expect(verifier(scheme, new Secret("other"))(request)).toBeDefined();
  });

  test("is known by its brand, so that two versions of the SDK understand each other", () => {
    expect(isSecret(secret)).toBe(true);
    expect(isSecret(Object.defineProperty({}, Symbol.for("@statewave-connectors/secret"), { value: true }))).toBe(true);
    for (const other of ["***", null, undefined, { reveal: () => "" }]) expect(isSecret(other)).toBe(false);
  });
});

describe("maskSecrets", () => {
  test.each<[string, (text: string) => string]>([
    ["as it is", (text) => text],
    ["escaped in a path or query", encodeURIComponent],
    ["escaped in lower case", (text) => encodeURIComponent(text).replaceAll(/%../g, (part) => part.toLowerCase())],
    ["as a form field", (text) => new URLSearchParams({ q: text }).toString()],
    ["in JSON", (text) => JSON.stringify({ text })],
    ["in JSON inside JSON", (text) => JSON.stringify(JSON.stringify({ text }))],
    ["as the password of a Basic header", (text) => `Basic ${Buffer.from(`me:${text}`).toString("base64")}`],
    ["as the password of another user", (text) => Buffer.from(`user:${text}`).toString("base64")],
    ["at the start of base64", (text) => Buffer.from(`${text}:x`).toString("base64")],
    ["in base64url", (text) => Buffer.from(`id.${text}.`).toString("base64url")],
    ["in hex", (text) => Buffer.from(text).toString("hex")],
  ])("masks a secret %s", (_, encode) => {
    rememberSecret(value);
    const masked = maskSecrets(`before ${encode(value)} after`);
    expect(masked).toContain("***");
    expect(masked).toMatch(/^before .* after$/);
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString("base64").slice(4, -4)])
      expect(masked).not.toContain(form);
  });

  test("masks a private key whole and line by line, with any line end", () => {
    const body = ["MIIEpAIBAAKCAQEA7bq", "XyZ0123456789abcdef", "shorttail=="];
    const key = ["-----BEGIN RSA PRIVATE KEY-----", ...body, "-----END RSA PRIVATE KEY-----", ""].join("\n");
    rememberSecret(key);
    expect(maskSecrets(key)).toBe("***");
    expect(maskSecrets(key.replaceAll("\n", String.raw`\n`))).not.toContain("MIIE");
    for (const text of [key.replaceAll("\n", "\r\n"), `> ${body[0]}`, `> ${body[1]} <`]) {
      for (const line of body.slice(0, 2)) expect(maskSecrets(text)).not.toContain(line);
    }
  });

  test("masks the longest of several that begin alike, and each of several in a row", () => {
    for (const text of ["token-one", "token-one-and-more", "token-two"]) rememberSecret(text);
    expect(maskSecrets("token-one-and-more|token-one|token-two|token-onetoken-two|token-")).toBe("***|***|***|******|token-");
  });

  test("shows no part of a secret at the end of a text that is cut", () => {
    rememberSecret("cut-me-in-half");
    for (let length = 0; length <= 24; length += 1) {
      expect(maskSecrets("12345 cut-me-in-half rest", length)).not.toMatch(/cut|half/);
    }
    expect(maskSecrets("12345 cut-me-in-half rest", 7)).toBe("12345 ***");
  });

  test("leaves short values alone, which stand in ordinary words", () => {
    rememberSecret("entry");
    expect(maskSecrets("an entry")).toBe("an entry");
  });

  test("masks the user info of every URL, known or not, and nothing beyond it", () => {
    expect(maskSecrets("postgres://app:s3cr@t@db:5432/x, redis://:pw@r/0")).toBe("postgres://***@db:5432/x, redis://***@r/0");
    expect(maskSecrets("https://example.com/@scope https://h/a@b mail@example.com")).toBe(
      "https://example.com/@scope https://h/a@b mail@example.com",
    );
    expect(JSON.parse(maskSecrets(JSON.stringify({ url: "https://host", mail: "a@b" })))).toEqual({
      url: "https://host",
      mail: "a@b",
    });
  });

  test("masks the one of 5,000 secrets that ends a text of 600,000 characters which nearly match", () => {
    for (let count = 0; count < 5_000; count += 1) rememberSecret(`xoxb-${count}-${"x".repeat(count % 50)}-end`);
    const text = "xoxb-1".repeat(100_000);
    expect(maskSecrets(text)).toBe(text);
    expect(maskSecrets(`${text}xoxb-4999-${"x".repeat(49)}-end`)).toBe(`${text}***`);
  });

  test("forgets the oldest minted tokens beyond a thousand, and never a configured one", () => {
    rememberSecret("configured-secret");
    for (let count = 0; count < 1_200; count += 1) rememberSecret(`minted-token-${count}.`, { minted: true });
    expect(maskSecrets("minted-token-0. minted-token-1199. configured-secret")).toBe("minted-token-0. *** ***");
  });

  test("keeps JSON what it is", () => {
    rememberSecret("123456789");
    const masked = maskSecretsIn({ a: ["x 123456789"], b: 123456789, c: 91234567890, d: new Secret("s"), e: null });
    expect(masked).toEqual({ a: ["x ***"], b: "***", c: 91234567890, d: "***", e: null });
  });
});

test("an error never shows a known secret, in message, hint, stack or description", () => {
  rememberSecret("leaky-value");
  const error = new ConnectorsError({ code: "X_Y", message: "got leaky-value", hint: "not leaky-value" });
  for (const text of [error.message, error.hint, error.stack, describeError(error), describeError(new Error("leaky-value"))])
    expect(text).not.toContain("leaky-value");
});

test("escapeInvisible writes what could drive a terminal as an escape, and keeps the characters that it is given", () => {
  expect(escapeInvisible("a\u001b[2Kb\u009b\u202ec\r\n\td", "\n\t")).toBe("a\\u001b[2Kb\\u009b\\u202ec\\u000d\n\td");
});

describe("the pieces of a schema", () => {
  const messages = (schema: v.GenericSchema, given: unknown) => {
    const result = v.safeParse(schema, given);
    return result.success ? undefined : result.issues.map(({ message }) => message).join();
  };

  test.each(["line\nbreak", "nul\0", "schlüssel\u2713", "escape\u001b", "ta\tb", "next\u0085line", "del\u007fete"])(
    "a header cannot carry %j, and the message does not show it",
    (text) => {
      for (const schema of [headerSecret(), optionalHeaderSecret(), headerText()]) {
        expect(messages(schema, text)).toContain("no header can carry");
        expect(messages(schema, text)).not.toContain(text);
      }
    },
  );

  test.each(["key\n", " key\r\n", "key"])("whitespace around a secret is dropped: %j", (text) => {
    expect(v.parse(headerSecret(), text).reveal()).toBe("key");
    expect(v.parse(rotatingSecret(), text).map((one) => one.reveal())).toEqual(["key"]);
  });

  test.each(["", " ", "\n", undefined])("%j is no optional secret, and not enough for a required one", (text) => {
    expect(v.parse(optionalSecret(), text)).toBeUndefined();
    expect(v.parse(optionalHeaderSecret(), text)).toBeUndefined();
    expect(messages(headerSecret(), text)).toBeDefined();
  });

  test("take a secret that code made", () => {
    const made = new Secret("made");
    expect(v.parse(headerSecret(), made)).toBe(made);
    expect(v.parse(rotatingSecret(), [made, "other"]).map((one) => one.reveal())).toEqual(["made", "other"]);
  });

  const url = (shown?: "origin" | "path") =>
    secretUrl({ protocols: ["https:"], message: "expected https://", ...(shown && { shown }) });

  test("a URL prints as much as it may, and its secret part is masked elsewhere", () => {
    const text = "https://me:hunter22%21@hooks.example/services/T000/verysecretpart?key=value99";
    expect(String(v.parse(url(), text))).toBe("***");
    expect(String(v.parse(url("origin"), text))).toBe("https://hooks.example/***");
    expect(String(v.parse(url("path"), text))).toBe("https://hooks.example/services/T000/verysecretpart");
    expect(maskSecrets("POST /services/T000/verysecretpart failed for hunter22!")).toBe("POST /*** failed for ***");
  });

  test.each(["https://user:100%@host", "https://a:b%zz@host", "https://%:x@host"])("%s wants its %% escaped", (text) => {
    expect(messages(url(), text)).toContain("%25");
    expect(messages(url(), text)).not.toContain("100");
  });
});
