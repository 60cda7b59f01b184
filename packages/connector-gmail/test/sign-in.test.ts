import { storageInMemory } from "@statewave-connectors/connector-sdk/store";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, onTestFinished, test } from "vitest";
import { connector } from "../src/index.ts";
import { startFakeGoogle } from "../src/testing/index.ts";
import { idsOf, openGoogle, read, run } from "./open-google.ts";

const { signal } = new AbortController();

describe("an OAuth client", () => {
  test("gets a token for an hour, and another one when it was revoked", async () => {
    const { fake, source } = await openGoogle({ mails: 60 });
    const { cursor } = await read(source);
    await read(source, cursor);
    expect(fake.signIn.issued).toBe(1);
    fake.signIn.revokeAccess();
    const id = fake.mailbox.receive();
    expect(idsOf((await read(source, cursor)).episodes)).toEqual([id]);
    expect(fake.signIn.issued).toBe(2);
  });

  test("uses the newest refresh token where each is replaced by its use, also in another process", async () => {
    const clock = new FakeClock();
    const fake = await startFakeGoogle({ nowMs: () => clock.now(), mails: 3 });
    onTestFinished(() => fake.close());
    fake.signIn.rotates = true;
    const storage = storageInMemory(clock);
    let cursor: string | undefined;
    for (let hour = 0; hour < 4; hour += 1) {
      const { source } = await openEntry(connector, fake.entry, { clock, storage });
      const result = await read(source, cursor);
      expect(result.episodes).toHaveLength(hour === 0 ? 3 : 1);
      ({ cursor } = result);
      fake.mailbox.receive();
      clock.set(clock.now() + 3_600_000);
    }
    expect(fake.signIn.issued).toBe(4);
  });

  test("whose refresh token has ended stops, and says what to do", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    fake.signIn.revoke(fake.entry["refresh_token"] ?? "");
    const { error } = await run(source);
    expect(error).toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      retryable: false,
      message: expect.stringContaining("invalid_grant") as string,
      hint: expect.stringMatching(/^let the user consent again and set `refresh_token` anew.*seven days.*testing/) as string,
    });
    const [result] = (await source.check?.(signal)) ?? [];
    expect(result).toMatchObject({ ok: false, error: { code: "GMAIL_UNAUTHORIZED" } });
  });

  test.each([
    [
      "without the scope",
      "GMAIL_SCOPE_MISSING",
      (fake: { scopes: readonly string[] }) => void (fake.scopes = ["https://www.googleapis.com/auth/gmail.send"]),
    ],
    [
      "with the scope of metadata",
      "GMAIL_FORBIDDEN",
      (fake: { scopes: readonly string[] }) => void (fake.scopes = ["https://www.googleapis.com/auth/gmail.metadata"]),
    ],
  ])("%s is forbidden to read, which no retry mends", async (_, code, limit) => {
    const { fake, source } = await openGoogle({ mails: 3, entry: { query: "from:example.com" } });
    limit(fake.signIn);
    expect((await run(source)).error).toMatchObject({ code, retryable: false });
  });

  test("of a project without the Gmail API says so", async () => {
    const { source } = await openGoogle({ isDisabled: true });
    expect((await run(source)).error).toMatchObject({
      code: "GMAIL_API_DISABLED",
      retryable: false,
      hint: expect.stringContaining("switch the Gmail API on") as string,
    });
  });
});

describe("a service account", () => {
  const users = ["ann@example.com", "ben@example.com", "cid@example.com"];

  test("reads each user's mailbox, with keys and subjects of its own", async () => {
    const { fake, source } = await openGoogle({ users });
    for (const mailbox of fake.mailboxes.values()) mailbox.receive({ from: "dee@acme.com", subject: "To all" });
    const { episodes } = await read(source);
    expect(episodes).toHaveLength(3);
    expect(new Set(episodes.map(({ idempotency_key }) => idempotency_key)).size).toBe(3);
    expect(new Set(episodes.map(({ metadata }) => metadata?.["account"]))).toEqual(new Set(users));
  });

  test("reads the others while one user has left, is not delegated, or has no Gmail", async () => {
    const { fake, source } = await openGoogle({ users });
    for (const mailbox of fake.mailboxes.values()) mailbox.receive();
    fake.signIn.delegatedUsers.delete("ben@example.com");
    const { episodes, skipped, error } = await run(source);
    expect([episodes.length, skipped, error]).toEqual([2, { mailboxes_blocked: 1 }, undefined]);
    const results = (await source.check?.(signal)) ?? [];
    expect(results.map(({ ok }) => ok)).toEqual([true, true, false, true, true]);
  });

  test("without a delegation names the user and the scope", async () => {
    const { fake, source } = await openGoogle({ users: ["ann@example.com"] });
    fake.signIn.delegatedScopes.clear();
    expect((await run(source)).error).toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      hint: expect.stringContaining(
        "for ann@example.com the domain must delegate `https://www.googleapis.com/auth/gmail.readonly`",
      ) as string,
    });
  });

  test("whose one user is over the limit reads the others, and says when that one can be read", async () => {
    const { fake, clock, source } = await openGoogle({ users, unitsPerMinute: 1_000 });
    const [ann, ben, cid] = [...fake.mailboxes.values()];
    for (let count = 0; count < 80; count += 1) ann?.receive();
    for (const mailbox of [ben, cid]) mailbox?.receive();
    const first = await run(source);
    expect(first.error).toMatchObject({ code: "GMAIL_RATE_LIMITED", retryAtMs: clock.now() + 60_000 });
    const accounts = new Set(first.episodes.map(({ metadata }) => metadata?.["account"]));
    expect(accounts).toEqual(new Set(users));
    clock.set(clock.now() + 61_000);
    const second = await run(source, first.cursor);
    expect(first.episodes.length + second.episodes.length).toBe(82);
  });

  test("reads the mailbox first that a notification named", async () => {
    const { fake, source } = await openGoogle({ users });
    for (const mailbox of fake.mailboxes.values()) mailbox.receive();
    const order: unknown[] = [];
    for await (const page of source.pages(undefined, signal, { parts: ["cid@example.com"] })) {
      for (const { metadata } of page.episodes) order.push(metadata?.["account"]);
    }
    expect(order).toEqual(["cid@example.com", "ann@example.com", "ben@example.com"]);
  });
});

describe("an entry", () => {
  test.each([
    ["no credentials", { client_id: undefined, client_secret: undefined, refresh_token: undefined }],
    ["half of them", { refresh_token: undefined }],
    ["both kinds", { service_account_key: "x", users: ["a@b.com"] }],
    [
      "a key that is none",
      { client_id: undefined, client_secret: undefined, refresh_token: undefined, service_account_key: "{}", users: ["a@b.com"] },
    ],
    ["a user that is no address", { users: ["ann"] }],
    ["a topic of another form", { topic: "gmail" }],
    ["a subscription of another form", { subscription: "projects/p/topics/t" }],
    ["labels of what is never kept", { label_ids: ["INBOX", "SPAM"] }],
    ["a query with deletions", { query: "from:a", deletions: true }],
  ])("with %s is refused", async (_, entry) => {
    await expect(openGoogle({ entry })).rejects.toThrow("refused");
  });
});
