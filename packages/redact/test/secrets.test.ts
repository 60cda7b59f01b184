import { documentedTokens, makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { lintSource } from "@secretlint/core";
import { creator as recommended } from "@secretlint/secretlint-rule-preset-recommend";
import { beforeAll, describe, expect, it } from "vitest";
import { openRedactor, type Redactor } from "../src/index.ts";
import { tokenRules } from "../src/secrets/token-rules.ts";
import { alphabets } from "../src/alphabets.ts";

/** Where tokens stand in what people write. */
const surroundings: readonly ((token: string) => string)[] = [
  (token) => `the token is ${token} and it leaked`,
  (token) => `Use \`${token}\`.`,
  (token) => `{"note": "${token}"}`,
  (token) => `(see ${token}).`,
  (token) => `first line\\n${token}\\nlast line`,
  (token) => `curl "https://api.acme.example/v1?key=${token}"`,
  (token) => `- ${token}\n- next`,
];
const tokensOfEach = 40;

let redactor: Redactor;
beforeAll(async () => {
  redactor = await openRedactor({ builtIn: ["secrets"] });
});

/** Whether so much of a secret part is left that it could be used or completed. */
function shows(text: string, parts: readonly string[]): boolean {
  return parts.some((part) => text.includes(part.slice(0, 8)) || text.includes(part.slice(-8)));
}

describe("the rule secrets", () => {
  it("finds 99 of 100 tokens of the documented formats, whatever surrounds them", () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const random = seededRandom(seed);
    const missed: string[] = [];
    let made = 0;
    for (const [provider, template] of documentedTokens) {
      for (let count = 0; count < tokensOfEach; count += 1) {
        const { text, secretParts } = makeToken(template, random);
        const surround = surroundings[count % surroundings.length]!;
        made += 1;
        if (shows(redactor.redact(surround(text)), secretParts)) missed.push(provider);
      }
    }
    expect(made).toBeGreaterThan(5_000);
    expect(1 - missed.length / made, `SEED=${seed}, missed: ${missed.join(", ")}`).toBeGreaterThanOrEqual(0.99);
    // One rule must not hide what another one is for.
    const often = [...Map.groupBy(missed, (provider) => provider)].filter(([, times]) => times.length > tokensOfEach / 10);
    expect(often, `SEED=${seed}`).toEqual([]);
  });

  it("knows the formats of more than 40 providers", () => {
    expect(new Set(tokenRules.map(({ provider }) => provider)).size).toBeGreaterThan(40);
    expect(new Set(documentedTokens.map(([provider]) => provider.split(" ")[0])).size).toBeGreaterThan(40);
  });

  it("finds what secretlint's recommended rules find", async () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const random = seededRandom(seed);
    const tokens = documentedTokens.map(([provider, template]) => ({ provider, ...makeToken(template, random) }));
    let found = 0;
    for (const { provider, text } of tokens) {
      const content = `note: ${text}\n`;
      const { messages } = await lintSource({
        source: { filePath: "note.txt", content, contentType: "text", ext: ".txt" },
        options: { config: { rules: [{ id: "recommended", rule: recommended }] } },
      });
      if (messages.length === 0) continue;
      found += 1;
      const { hits } = redactor.examine(content);
      const apart = messages.filter(({ range: [start, end] }) => !hits.some((hit) => hit.start < end && start < hit.end));
      expect(
        apart.map(({ message }) => message),
        `SEED=${seed}, ${provider}`,
      ).toEqual([]);
    }
    expect(found).toBeGreaterThan(10);
  });

  it("passes over placeholders, references and names", () => {
    const texts = [
      "password=${DB_PASSWORD}",
      "password: <your-password>",
      "token = process.env.GITHUB_TOKEN",
      "GITHUB_TOKEN=ghp_xxx",
      '"password": "string"',
      "Authorization: Bearer <token>",
      "http://user:password@proxy.example:3128",
      "const nextPageToken = response.data.nextPageToken2;",
      "secret: ***",
      "the sk-learn package and the sk_live mode",
      "AKIA is how key ids begin",
      "commit 3f786850e387550fdab836ed7e6dc881de23001b",
      "id 123e4567-e89b-12d3-a456-426614174000",
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
      "git@github.com:acme/widgets.git",
      "https://alice@git.acme.example/widgets.git",
      "compass: north-east-7b",
    ];
    expect(texts.map((text) => redactor.redact(text))).toEqual(texts);
  });

  it.each([
    "API key: {token}",
    "secret access key = {token}",
    "**Api Key:** {token}",
    "--api-key {token}",
    "<token>{token}</token>",
    "Password:** {password}",
    "**Password**: {password}",
    "*Passwort:* **{password}**",
    "the password is {password}, really",
    "Das WLAN-Passwort lautet {password}",
    "deploy --password {password} now",
    "<server><password>{password}</password></server>",
    "<wsse:Password>{password}</wsse:Password>",
  ])("finds the value in %j", (form) => {
    const token = makeToken("{alnum:32}", seededRandom(3)).text;
    const password = `${["Sommer", "2025"].join("")}!x9`;
    const shown = redactor.redact(form.replace("{token}", token).replace("{password}", password));
    expect(shown).toContain("[redacted: secrets]");
    expect(shows(shown, [token, password])).toBe(false);
  });

  it("finds a token whose underscores are escaped, as programs that export Markdown write them", () => {
    const token = makeToken("{alnum:36}", seededRandom(4)).text;
    expect(redactor.redact(`use ${["ghp", token].join("\\_")}, or C:\\_tools`)).toBe("use [redacted: secrets], or C:\\_tools");
  });

  it("passes over sentences and options without one", () => {
    const texts = [
      "the password is required! and the passphrase is not needed",
      "the token is 12 hours old",
      "set --password to a value, or --token",
      "<password>changeme</password> <password></password>",
      "<password>changeme</password>Order 4711 of Ann</p>",
      "<input type=password>Your 8 digit code</label>",
      "the password is base64-encoded, and the passphrase is sha256-hashed.",
      "the sort key: 123e4567-e89b-12d3-a456-426614174000",
      "password: ******** and password is ********",
    ];
    expect(texts.map((text) => redactor.redact(text))).toEqual(texts);
  });

  it("leaves what stands around a secret", () => {
    const key = makeToken("{alnum:20}", seededRandom(1)).text;
    expect(redactor.redact(`postgres://app:${key}@db.acme.example/widgets?sslmode=require`)).toBe(
      "postgres://[redacted: secrets]@db.acme.example/widgets?sslmode=require",
    );
    expect(redactor.redact(`Authorization: Bearer ${key}`)).toBe("Authorization: Bearer [redacted: secrets]");
    expect(redactor.redact(`DB_PASSWORD="${key}" # rotate`)).toBe('DB_PASSWORD="[redacted: secrets]" # rotate');
  });

  it("ends a private key that was cut off at its last line", () => {
    const line = makeToken("{base64:64}", seededRandom(2)).text;
    const text = `-----BEGIN EC PRIVATE KEY-----\n${line}\n${line}\n\nThat was the key.`;
    expect(redactor.redact(text)).toBe("[redacted: secrets]\n\nThat was the key.");
  });

  it("finds a secret by the name that its value bears", () => {
    expect(redactor.redactField("password", "hunter2!")).toBe("[redacted: secrets]");
    expect(redactor.redactField("label", "hunter2!")).toBe("hunter2!");
  });
});

describe("the token rules", () => {
  it("need no second try: a literal behind a run begins with a character that the run does not hold", () => {
    for (const { provider, literal, parts } of tokenRules) {
      for (const [index, part] of parts.entries()) {
        const next = parts[index + 1];
        if (typeof part === "string" || next === undefined) continue;
        expect(typeof next, `${provider} ${literal}`).toBe("string");
        expect(alphabets[part.of][(next as string).charCodeAt(0)], `${provider} ${literal}`).toBe(0);
      }
    }
  });
});
