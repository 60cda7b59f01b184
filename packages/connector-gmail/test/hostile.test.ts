import { isConnectorsError, type Page, type PullSource } from "@statewave-connectors/connector-sdk";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, onTestFinished, test } from "vitest";
import { connector } from "../src/index.ts";
import { type FakePart, startFakeGoogle } from "../src/testing/index.ts";
import { openGoogle, read } from "./open-google.ts";

const part = (mimeType: string, content: string | Uint8Array): FakePart => ({ mimeType, content });

/** Mails that no program should send. Each is an episode or a failed item, and keeps no other one from being read. */
const oddRoots: Readonly<Record<string, FakePart>> = {
  "nested forty deep": Array.from({ length: 40 }).reduce<FakePart>(
    (inner) => ({ mimeType: "multipart/mixed", parts: [inner] }),
    part("text/plain", "deep"),
  ),
  "a thousand parts": { mimeType: "multipart/mixed", parts: Array.from({ length: 1_000 }, () => part("text/plain", "x")) },
  "no parts at all": { mimeType: "multipart/mixed", parts: [] },
  "a charset that does not exist": {
    mimeType: "text/plain",
    headers: { "Content-Type": "text/plain; charset=klingon" },
    content: "words",
  },
  "NUL and controls": part("text/plain", "a\u0000b\u001b[31mc\u202Ed"),
  "one line of a megabyte": part("text/plain", "x".repeat(150_000)),
  "HTML that never ends": part("text/html", `${"<div>".repeat(20_000)}words`),
  "prototype pollution": part("text/plain", '{"__proto__": {"polluted": true}}'),
};

describe("a hostile mail", () => {
  test.each(Object.entries(oddRoots))("is read or kept beside the others: %s", async (_, root) => {
    const { fake, source } = await openGoogle({ mails: 3 });
    fake.mailbox.receive({ root, subject: "\u202Eevil\r\nBcc: x", from: '"a" <b@c> <d@e>, "\\' });
    const { episodes, failures } = await read(source);
    expect(episodes.length + failures.length).toBe(4);
    for (const { subject, session = "", text } of episodes) {
      expect(subject).toMatch(/^[A-Za-z0-9_.:-]{1,256}$/);
      expect(session).toMatch(/^[A-Za-z0-9_.:-]{1,256}$/);
      for (const control of ["\u0000", "\u001b"]) expect(text).not.toContain(control);
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("in which any field has another type is mapped or refused for good", async () => {
    const { fake, source } = await openGoogle();
    fake.mailbox.receive({ files: { "a.pdf": "%PDF" }, html: "<p>x</p>", text: "x" });
    const message = {
      id: "18c0",
      threadId: "18c0",
      labelIds: ["INBOX"],
      snippet: "words",
      internalDate: "1767225600000",
      payload: {
        mimeType: "multipart/mixed",
        headers: [
          { name: "From", value: "Ann <ann@acme.com>" },
          { name: "Subject", value: "Hi" },
        ],
        parts: [{ mimeType: "text/plain", filename: "", headers: [], body: { size: 5, data: "d29yZHM" } }],
      },
    };
    const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    const values = [null, 7, "text", [], {}, true, "\u0000", -1, [null], { a: 1 }, "9".repeat(400)];
    for (let round = 0; round < 500; round += 1) {
      const raw = { mailbox: "me@example.com", message: spoiled(message, random, values) };
      expect(judgedBy(source, raw), `seed ${seed}`).toMatch(/^(?:mapped|GMAIL_ITEM_UNMAPPABLE)$/);
    }
  });
});

/** What becomes of a raw item. */
function judgedBy(source: PullSource, raw: unknown): string {
  try {
    const episodes = source.map?.(raw) ?? [];
    return episodes.some(({ occurred_at }) => Number.isNaN(Date.parse(occurred_at))) ? "an episode without a time" : "mapped";
  } catch (error) {
    return isConnectorsError(error) && !error.retryable ? error.code : String(error);
  }
}

/** A copy in which one field, chosen at random, has another value. */
function spoiled(value: unknown, random: () => number, values: readonly unknown[]): unknown {
  if (typeof value !== "object" || value === null || random() < 0.15) return values[Math.floor(random() * values.length)];
  const entries = Object.entries(value);
  const chosen = Math.floor(random() * entries.length);
  const copy = entries.map(([key, each], at) => [key, at === chosen ? spoiled(each, random, values) : each] as const);
  return Array.isArray(value) ? copy.map(([, each]) => each) : Object.fromEntries(copy);
}

test("no log line above debug holds a mail's text, subject or address, and no secret", async () => {
  const clock = new FakeClock();
  const fake = await startFakeGoogle({ nowMs: () => clock.now(), unitsPerMinute: 900 });
  onTestFinished(() => fake.close());
  const lines: string[] = [];
  const log = (message: string, fields: unknown) =>
    void lines.push(
      `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? `${value.message} ${String(Reflect.get(value, "hint"))}` : value))}`,
    );
  const logger = { debug: () => undefined, info: log, warn: log, error: log, child: () => logger };
  const secrets = [
    "sentinel-subject",
    "sentinel-words",
    "sentinel-person",
    "sentinel.example",
    fake.signIn.clientSecret,
    fake.entry["refresh_token"] ?? "",
  ];
  const mail = () =>
    fake.mailbox.receive({ from: "sentinel-person <a@sentinel.example>", subject: "sentinel-subject", text: "sentinel-words" });
  const { source } = await openEntry(connector, { ...fake.entry, query: "from:sentinel.example" }, { clock, logger });
  let cursor: string | undefined;
  const errors: string[] = [];
  const runOnce = async () => {
    const pages: Page[] = [];
    try {
      for await (const page of source.pages(cursor, new AbortController().signal)) {
        pages.push(page);
        cursor = page.cursor ?? cursor;
      }
    } catch (error) {
      log("the run failed", { error });
      errors.push(String(Reflect.get(Object(error), "code")));
    }
    clock.set(clock.now() + 61_000);
    return pages;
  };
  for (let count = 0; count < 60; count += 1) mail();
  await runOnce();
  await runOnce();
  mail();
  await runOnce();
  fake.setFaults([{ type: "status", status: 500, on: "GET /gmail/v1/users/:user/messages/:id", times: 1 }]);
  mail();
  await runOnce();
  fake.mailbox.forgetHistory();
  mail();
  await runOnce();
  fake.setFaults([{ type: "status", status: 403, body: { error: { message: "no" } } }]);
  await runOnce();
  fake.setFaults([]);
  fake.signIn.revoke(fake.entry["refresh_token"] ?? "");
  fake.signIn.revokeAccess();
  await runOnce();
  expect(new Set(errors)).toEqual(new Set(["GMAIL_RATE_LIMITED", "GMAIL_UNAVAILABLE", "GMAIL_FORBIDDEN", "GMAIL_UNAUTHORIZED"]));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) for (const secret of secrets) expect(line).not.toContain(secret);
});
