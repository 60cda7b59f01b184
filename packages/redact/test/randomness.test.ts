import { makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, it } from "vitest";
import { looksRandom } from "../src/secrets/randomness.ts";

it.each([
  ["hex", 32, 0.999],
  ["lower", 26, 0.95],
  ["upper", 32, 0.95],
  ["base32", 32, 0.85],
  ["alnum", 32, 0.98],
  ["base64", 40, 0.99],
  ["letter", 40, 0.85],
])("random values of %s look random: of %i characters, %f of them", (alphabet, length, least) => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  const random = seededRandom(seed);
  const values = Array.from({ length: 2_000 }, () => makeToken(`{${alphabet}:${length}}`, random).text);
  expect(values.filter((value) => looksRandom(value, 16)).length / values.length, `SEED=${seed}`).toBeGreaterThan(least);
});

it.each([
  "nextPageTokenResponseData",
  "getAccessTokenSilently2",
  "AbstractSingletonProxyFactoryBean",
  "XMLHttpRequestHTTPSProxyURL",
  "sha256WithRSAEncryption2048",
  "user_1_token_2_secret_3_key_4",
  "backup-2026-01-31-12-00-00",
  "kubernetes.io/service-account-token1",
  "ip-10-0-0-1.eu-west-1.compute.internal",
  "internationalization",
])("a name does not: %s", (name) => {
  expect(looksRandom(name, 16)).toBe(false);
});
