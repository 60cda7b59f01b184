import { openEntry } from "@statewave-connectors/testing";
import { describe, expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { idsOf, openGoogle, plenty, read, readAll, run } from "./open-google.ts";

const profile = "GET /gmail/v1/users/:user/profile";
const lists = "GET /gmail/v1/users/:user/messages";
const message = "GET /gmail/v1/users/:user/messages/:id";

describe("while Gmail is unavailable", () => {
  test("a first sync lists nothing before it knows where the history stands", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    fake.setFaults([{ type: "status", status: 503, on: profile }]);
    const { error, pages, cursor } = await run(source);
    expect([error, pages, cursor]).toEqual([
      expect.objectContaining({ code: "GMAIL_UNAVAILABLE", retryable: true }),
      [],
      undefined,
    ]);
    expect(fake.requests[lists]).toBeUndefined();
  });

  test.each([403, 429, 500, 503])(
    "for messages, by a %i, a later run ends in front of them, and the next one reads them",
    async (status) => {
      const { fake, clock, source } = await openGoogle({ mails: 3 });
      const { cursor } = await read(source);
      const fresh = Array.from({ length: 40 }, () => fake.mailbox.receive());
      const reason = { error: { code: status, message: "Later", errors: [{ reason: "userRateLimitExceeded" }] } };
      fake.setFaults([{ type: "status", status, on: message, body: JSON.stringify(reason) }]);
      const failed = await run(source, cursor);
      expect([failed.error, failed.episodes, failed.failures]).toEqual([expect.objectContaining({ retryable: true }), [], []]);
      fake.setFaults([]);
      const rest = await readAll(source, clock, failed.cursor);
      expect(idsOf(rest.episodes)).toEqual(fresh);
    },
  );
});

test("the messages of a page are fetched beside each other", async () => {
  const { fake, clock } = await openGoogle({ mails: 60 });
  let [now, most] = [0, 0];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    now += 1;
    most = Math.max(most, now);
    try {
      return await globalThis.fetch(input, init);
    } finally {
      now -= 1;
    }
  };
  const { source } = await openEntry(connector, { ...fake.entry, ...plenty }, { clock, fetch });
  expect((await read(source)).episodes).toHaveLength(60);
  expect(most, "requests at once").toBeGreaterThanOrEqual(4);
});
