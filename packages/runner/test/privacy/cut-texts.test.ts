import { renewedMemory } from "@statewave-connectors/connector-sdk/memory";
import { messageText, oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import { documentedTokens, makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test } from "vitest";
import { redactionForOutsiders } from "../../src/privacy/redaction-for-outsiders.ts";

const mapText = await redactionForOutsiders(undefined);
const redact = (text: string) => mapText(text, "");
/** Before the literal that shows what they are, they look like any hash or id. */
const knownByTheirEnd = new Set(["Azure DevOps", "New Relic license", "Mailchimp", "Telegram", "Terraform Cloud", "Discord bot"]);

const words = `alice opened issue acme/widgets#7\n${Array.from({ length: 90 }, (_, at) => `word${at}`).join(" ")}`;

/** Cuts `secret` behind every one of its characters, as connectors cut titles, quotations and memories. */
function* cuts(secret: string): Generator<string> {
  for (let kept = 1; kept <= Math.min(secret.length, 400); kept += 1) {
    yield shorten(oneLine(`it is ${secret} and so on`), "it is ".length + kept + 1);
    yield renewedMemory(`${words.slice(0, 498 - kept)} ${secret} and so on`, "closed")?.[0]?.text ?? "";
  }
}

test("of a token that was cut off before it was redacted nothing is left that could be completed", () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  const random = seededRandom(seed);
  const missed: string[] = [];
  let made = 0;
  for (const [provider, template] of documentedTokens) {
    if (knownByTheirEnd.has(provider)) continue;
    const { text, secretParts } = makeToken(template, random);
    const shows = (shown: string) => secretParts.some((part) => part.length > 8 && shown.includes(part.slice(0, 8)));
    for (const cut of cuts(text)) {
      made += 1;
      if (shows(redact(cut))) missed.push(`${provider}: ${cut.slice(-60)} => ${redact(cut).slice(-60)}`);
    }
  }
  expect(made).toBeGreaterThan(5_000);
  expect(1 - missed.length / made, `SEED=${seed}, missed:\n${missed.slice(0, 30).join("\n")}`).toBeGreaterThanOrEqual(0.99);
});

test.each([
  ["the card is 4111 1111 1111…", "the card is [redacted: card]…"],
  ["the card is 411111111111…", "the card is [redacted: card]…"],
  ["the card is 3782 822463…", "the card is [redacted: card]…"],
  ["call +49 170 123…", "call [redacted: phone]…"],
  ["call 212-555-01…", "call [redacted: phone]…"],
  ["Tel.: 030 12345…", "Tel.: [redacted: phone]…"],
  ["card 4111 1111 1111\n[cut]", "card [redacted: card]\n[cut]"],
])("%s: what is left of a number that was cut off is redacted", (text, redacted) => {
  expect(redact(text)).toBe(redacted);
});

test.each([
  "the literal ghp_… begins a token, sk-… too",
  "it happened on 2026-01-31…",
  "see pages 300-400…",
  "issue 48213…",
  "at http://localhost:8080…",
  "the sk-learning…",
  "password: <your…",
  "commit 3f786850e387…",
])("%s: other words before the mark of a cut stay", (text) => {
  expect(redact(text)).toBe(text);
});

test("a token on which a message's summary ends is redacted there and behind it", () => {
  const token = makeToken("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{base64url:400}.{base64url:43}", seededRandom(1));
  const shown = redact(messageText({ lead: "Ann in #ops", words: token.text, about: "re: what is the token?" }));
  for (const part of token.secretParts) expect(shown).not.toContain(part.slice(-8));
});
