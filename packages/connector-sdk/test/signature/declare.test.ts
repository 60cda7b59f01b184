import { describe, expect, test } from "vitest";
import { Secret } from "../../src/index.ts";
import { basic, ed25519, hmac, isKeyOf, type Signature, standardWebhooks, token, verifier } from "../../src/signature/index.ts";

const plain = { header: "x-sig", algorithm: "sha256", secretOption: "secret" } as const;
const time = { header: "x-time", toleranceSeconds: 300 };

describe("a declaration that would admit a changed request is refused where it is made", () => {
  test.each([
    ["the body is not signed", { signed: "{timestamp}", timestamp: time }],
    ["a time is sent but not signed", { timestamp: time }],
    ["a time is signed but not declared", { signed: "{timestamp}.{body}" }],
    ["a placeholder has another name", { signed: "{payload}" }],
    [
      "the time is an entry of a list that is none",
      { signed: "{timestamp}.{body}", timestamp: { entry: "t", toleranceSeconds: 1 } },
    ],
    [
      "nothing says where the time is",
      { signed: "{timestamp}.{body}", timestamp: { toleranceSeconds: 1 }, list: { name: "v1" } },
    ],
  ])("%s", (_, change) => {
    expect(() => hmac({ ...plain, ...change })).toThrowError(expect.objectContaining({ code: "PUSH_SIGNATURE_UNSOUND" }));
    expect(() => ed25519({ ...plain, ...change })).toThrowError(expect.objectContaining({ code: "PUSH_SIGNATURE_UNSOUND" }));
  });
});

const key = Buffer.alloc(32, 9);
const rsaKey = `-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwEC
AwEAAQ==
-----END PUBLIC KEY-----`;

describe("a secret that is no key of the scheme", () => {
  test.each<[string, Signature, string]>([
    ["base64", hmac({ ...plain, secretEncoding: "base64" }), "not base64!"],
    ["hex", hmac({ ...plain, secretEncoding: "hex" }), "c0ffe"],
    ["a short Ed25519 key", ed25519(plain), "d75a98"],
    ["an RSA key", ed25519(plain), rsaKey],
    ["half a PEM", ed25519(plain), "-----BEGIN PUBLIC KEY-----"],
    ["a whsec_ that is not base64", standardWebhooks(plain), "whsec_&&&"],
    ["an empty whsec_", standardWebhooks(plain), "whsec_"],
    ["a whpk_ of another length", standardWebhooks(plain), `whpk_${Buffer.alloc(31).toString("base64")}`],
  ])("%s is refused before the first request, and named by its option only", (_, signature, secret) => {
    expect(isKeyOf(signature, new Secret(secret))).toBe(false);
    const opening = () => verifier(signature, new Secret(secret));
    expect(opening).toThrowError(
      expect.objectContaining({ code: "PUSH_KEY_INVALID", message: expect.stringContaining("`secret`") as string }),
    );
    expect(opening).not.toThrowError(expect.objectContaining({ message: expect.stringContaining(secret) as string }));
  });

  test.each<[string, Signature, string]>([
    ["text", hmac(plain), "any text: ☃"],
    ["base64 with padding", hmac({ ...plain, secretEncoding: "base64" }), key.toString("base64")],
    ["base64 without padding", hmac({ ...plain, secretEncoding: "base64" }), key.toString("base64").replace("=", "")],
    ["hex in upper case", hmac({ ...plain, secretEncoding: "hex" }), key.toString("hex").toUpperCase()],
    ["a whsec_", standardWebhooks(plain), `whsec_${key.toString("base64")}`],
    ["a token", token(plain), "t"],
    ["a password", basic({ user: "u", secretOption: "secret" }), "p"],
  ])("%s is one", (_, signature, secret) => {
    expect(isKeyOf(signature, secret)).toBe(true);
    expect(() => verifier(signature, [secret])).not.toThrow();
  });

  test.each([hmac(plain), token(plain), basic({ secretOption: "secret" }), standardWebhooks(plain), ed25519(plain)])(
    "an empty one is none: $scheme",
    (signature) => {
      expect(isKeyOf(signature, "")).toBe(false);
    },
  );
});
