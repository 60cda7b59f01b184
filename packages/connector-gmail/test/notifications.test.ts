import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import type { KeepFailed } from "@statewave-connectors/connector-sdk/host";
import { type OpenEntry, openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, onTestFinished, test } from "vitest";
import { connector } from "../src/index.ts";
import { type FakeGoogleOptions, startFakeGoogle } from "../src/testing/index.ts";
import { dayMs } from "./open-google.ts";

const pubsubScopes = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/pubsub"];

async function open(options: FakeGoogleOptions & { readonly users?: readonly string[] } = {}) {
  const clock = new FakeClock();
  const fake = await startFakeGoogle({
    nowMs: () => clock.now(),
    ...options,
    ...(options.users && { addresses: options.users }),
  });
  onTestFinished(() => fake.close());
  fake.signIn.scopes = pubsubScopes;
  const credentials = options.users === undefined ? fake.entry : fake.delegated(options.users);
  const entry = { ...credentials, topic: fake.topic, subscription: fake.subscription };
  const { source } = await openEntry(connector, entry, { clock });
  return { clock, fake, source };
}

const keepNothing = async () => undefined;

/** A waiter, what it requested, and what it kept. */
function waiter({ source }: Pick<OpenEntry, "source">, isFull: () => boolean = () => false) {
  const abort = new AbortController();
  const requests: (string | undefined)[] = [];
  const kept: FailedItem[] = [];
  const keep: KeepFailed = async (failures) => {
    if (isFull()) throw new ConnectorsError({ code: "SINK_BURY_FAILED", message: "the inbox is full", retryable: true });
    kept.push(...failures);
  };
  const wait = source.wait?.(abort.signal, (part) => void requests.push(part), keep);
  const ended = wait ?? Promise.reject(new Error("no wait"));
  ended.catch(() => undefined);
  onTestFinished(() => abort.abort());
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await nextTurn();
  };
  return { abort, requests, kept, ended, until };
}

const { signal } = new AbortController();

describe("the notifications of a mailbox", () => {
  test("are renewed for a week, with a notification at once", async () => {
    const { clock, fake, source } = await open();
    expect(await source.maintain?.(signal)).toEqual({ expiresAtMs: clock.now() + 7 * dayMs });
    expect(fake.pubsub.pushed).toHaveLength(1);
    fake.mailbox.receive();
    expect(fake.pubsub.pushed).toHaveLength(2);
  });

  test("are those of every user; one who has left is named, and those of the others are renewed", async () => {
    const users = ["ann@example.com", "ben@example.com", "cid@example.com"];
    const { clock, fake, source } = await open({ users });
    expect(await source.maintain?.(signal)).toEqual({ expiresAtMs: clock.now() + 7 * dayMs });
    expect(fake.pubsub.pushed).toHaveLength(3);
    fake.signIn.delegatedUsers.delete("ann@example.com");
    fake.signIn.revokeAccess();
    clock.set(clock.now() + dayMs);
    expect(await source.maintain?.(signal)).toMatchObject({
      // Not the day on which those of Ann end, which no one can renew.
      expiresAtMs: clock.now() + 7 * dayMs,
      failed: {
        code: "GMAIL_UNAUTHORIZED",
        message: expect.stringContaining("1 of 3 mailboxes could not be renewed: ann@example.com: ") as string,
        retryable: false,
      },
    });
    expect(fake.pubsub.pushed).toHaveLength(5);
  });

  test("fail with the names of the users when none can be renewed", async () => {
    const users = ["ann@example.com", "ben@example.com"];
    const { fake, source } = await open({ users });
    for (const user of users) fake.signIn.delegatedUsers.delete(user);
    await expect(source.maintain?.(signal)).rejects.toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      message: expect.stringMatching(/2 of 2 mailboxes could not be renewed: (?:ann|ben)@example\.com, /) as string,
    });
  });

  test("are renewed while those of another user hang", async ({ signal: timedOut }) => {
    const { fake, source } = await open({ users: ["ann@example.com", "ben@example.com", "cid@example.com"] });
    fake.setFaults([{ type: "hang", on: "POST /gmail/v1/users/:user/watch", times: 1 }]);
    const abort = new AbortController();
    const renewed = source.maintain?.(abort.signal);
    renewed?.catch(() => undefined);
    while (fake.pubsub.pushed.length < 2) {
      timedOut.throwIfAborted();
      await nextTurn();
    }
    abort.abort(new Error("stop"));
    await expect(renewed).rejects.toThrow("stop");
  });

  test("are not renewed without a topic, and a topic that does not exist says so", async () => {
    const { fake } = await open();
    const without = await openEntry(connector, fake.entry, {});
    for (const member of ["maintain", "testPush", "wait"]) expect(Reflect.get(without.source, member)).toBeUndefined();
    const { source } = await openEntry(connector, { ...fake.entry, topic: "projects/fake-project/topics/other" }, {});
    await expect(source.maintain?.(signal)).rejects.toMatchObject({ code: "GMAIL_NOT_FOUND", retryable: false });
  });

  test("are tested on demand, and a plain check writes nothing at Gmail", async () => {
    const { fake, source } = await open();
    await source.check?.(signal);
    expect(fake.requests["POST /gmail/v1/users/:user/watch"]).toBeUndefined();
    const results = (await source.testPush?.(signal)) ?? [];
    expect(results).toMatchObject([{ ok: true, message: expect.stringContaining(fake.topic) as string }]);
    expect(fake.pubsub.pushed).toHaveLength(1);
  });

  test("are tested of every user, in their order, also of those behind one who has left", async () => {
    const users = Array.from({ length: 12 }, (_, at) => `user-${at}@example.com`);
    const { fake, source } = await open({ users });
    fake.signIn.delegatedUsers.delete("user-1@example.com");
    const results = (await source.testPush?.(signal)) ?? [];
    expect(results.map(({ ok }) => ok)).toEqual(users.map((_, at) => at !== 1));
    for (const [at, { message }] of results.entries()) expect(message).toContain(users[at]);
  });

  test("are tested while those of another user hang", async ({ signal: timedOut }) => {
    const { fake, source } = await open({ users: ["ann@example.com", "ben@example.com", "cid@example.com"] });
    fake.setFaults([{ type: "hang", on: "POST /gmail/v1/users/:user/watch", times: 1 }]);
    const abort = new AbortController();
    const tested = source.testPush?.(abort.signal);
    tested?.catch(() => undefined);
    while (fake.pubsub.pushed.length < 2) {
      timedOut.throwIfAborted();
      await nextTurn();
    }
    abort.abort(new Error("stop"));
    await expect(tested).rejects.toThrow("stop");
  });
});

describe("a pull subscription", () => {
  test("requests a run for each mailbox that changed, and acknowledges", async () => {
    const opened = await open({ users: ["ann@example.com", "ben@example.com"] });
    const { fake, source } = opened;
    await source.maintain?.(signal);
    const { requests, until } = waiter(opened);
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    // The first request is for what another process acknowledged.
    expect([requests[0], new Set(requests.slice(1))]).toEqual([undefined, new Set(["ann@example.com", "ben@example.com"])]);
    fake.mailboxes.get("ben@example.com")?.receive();
    await until(() => requests.length === 4 && fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(requests.at(-1)).toBe("ben@example.com");
  });

  test.each([
    ["no JSON", "secret words"],
    ["another program's message", { topic: "orders", order: 7 }],
    ["a history id that is none", { emailAddress: "me@example.com", historyId: "x" }],
  ])("keeps what is no notification as a dead letter, and acknowledges it then: %s", async (_, value) => {
    const opened = await open();
    const { fake, source } = opened;
    fake.pubsub.publish(fake.topic, value);
    fake.pubsub.publish(fake.topic, { emailAddress: "me@example.com", historyId: "1" });
    const { requests, kept, until } = waiter(opened);
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(requests).toEqual([undefined, undefined]);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    expect(kept).toMatchObject([
      {
        id: `${fake.subscription}/2000000000001`,
        error: { code: "GMAIL_NOTIFICATION_UNMAPPABLE", message: "a message of Pub/Sub is no notification of Gmail" },
        raw: { pubsub: { data: Buffer.from(text).toString("base64"), messageId: "2000000000001" } },
      },
    ]);
    // A retry says the same, and of one that was too large to be kept, that it is gone.
    expect(() => source.map?.(kept[0]?.raw)).toThrow("no notification of Gmail");
    expect(await source.fetchItem?.(kept[0]?.id ?? "", signal)).toBeUndefined();
  });

  test("acknowledges nothing that cannot be kept: the wait ends, and it comes again", async () => {
    const opened = await open();
    const { fake, clock } = opened;
    fake.pubsub.publish(fake.topic, "secret words");
    await expect(waiter(opened, () => true).ended).rejects.toMatchObject({ code: "SINK_BURY_FAILED" });
    expect(fake.pubsub.unacknowledged(fake.subscription)).toBe(1);
    clock.set(clock.now() + 20_000);
    const { kept, until } = waiter(opened);
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(kept).toHaveLength(1);
  });

  test("is read for its other messages where one has another form, which is kept", async () => {
    const clock = new FakeClock();
    const fake = await startFakeGoogle({ nowMs: () => clock.now() });
    onTestFinished(() => fake.close());
    fake.signIn.scopes = pubsubScopes;
    const strange = [null, "row", { message: {} }, { ackId: "strange", message: "text" }, { ackId: "", message: {} }];
    const acknowledged: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname.endsWith(":acknowledge")) acknowledged.push(await new Response(init?.body).json());
      const response = await globalThis.fetch(input, init);
      if (!pathname.endsWith(":pull")) return response;
      const { receivedMessages } = (await response.json()) as { readonly receivedMessages: readonly unknown[] };
      return Response.json({ receivedMessages: [...strange, ...receivedMessages] });
    };
    const entry = { ...fake.entry, topic: fake.topic, subscription: fake.subscription };
    const { source } = await openEntry(connector, entry, { clock, fetch });
    fake.pubsub.publish(fake.topic, { emailAddress: "me@example.com", historyId: "1" });
    const { requests, kept, until } = waiter({ source });
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(requests.slice(0, 2)).toEqual([undefined, undefined]);
    expect(kept.slice(0, 5).map(({ raw }) => raw)).toEqual(strange.map((row) => ({ row })));
    expect(kept[0]?.error).toMatchObject({ code: "GMAIL_ITEM_UNMAPPABLE" });
    expect(acknowledged[0]).toEqual({ ackIds: ["strange", "ack-2000000000001-1"] });
  });

  test("acknowledges messages that are too large to be pulled together", async () => {
    const opened = await open();
    const { fake } = opened;
    fake.pubsub.ackDeadlineMs = 0;
    for (let count = 0; count < 3; count += 1) fake.pubsub.publish(fake.topic, "x".repeat(6 * 1024 * 1024));
    fake.pubsub.publish(fake.topic, { emailAddress: "me@example.com", historyId: "1" });
    const { until, requests } = waiter(opened);
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(requests).toEqual([undefined, undefined]);
  });

  test("is not pulled in a hot loop where the answer comes at once", async () => {
    const opened = await open();
    const { clock, fake } = opened;
    fake.pubsub.waitMs = 0;
    const { until } = waiter(opened);
    const pulls = () => fake.requests["POST /v1/projects/:project/subscriptions/:call"] ?? 0;
    await until(() => pulls() === 1);
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(pulls()).toBe(1);
    await until(() => clock.pending > 0);
    await clock.advance(5_000);
    await until(() => pulls() === 2);
  });

  test("ends when it is aborted while it waits, and its messages come again to the next process", async () => {
    const opened = await open();
    const { fake, clock } = opened;
    fake.pubsub.waitMs = 600_000;
    const first = waiter(opened);
    await first.until(() => first.requests.length === 1);
    first.abort.abort(new Error("stop"));
    await expect(first.ended).rejects.toThrow("stop");
    fake.pubsub.publish(fake.topic, { emailAddress: "me@example.com", historyId: "1" });
    clock.set(clock.now() + 20_000);
    const second = waiter(opened);
    await second.until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    // An entry with one mailbox has no parts to name.
    expect(second.requests).toEqual([undefined, undefined]);
  });

  test.each([
    ["that does not exist", { subscription: "projects/fake-project/subscriptions/other" }, pubsubScopes, "GMAIL_NOT_FOUND"],
    ["that the credentials may not read", {}, [pubsubScopes[0] ?? ""], "GMAIL_FORBIDDEN"],
  ])("%s ends the wait with what to do", async (_, entry, scopes, code) => {
    const { fake, clock } = await open();
    fake.signIn.scopes = scopes;
    const { source } = await openEntry(connector, { ...fake.entry, subscription: fake.subscription, ...entry }, { clock });
    await expect(source.wait?.(signal, () => undefined, keepNothing)).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/subscription/) as string,
    });
  });

  test.each([
    ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "GMAIL_FORBIDDEN", /the scope https:\/\/www\.googleapis\.com\/auth\/pubsub$/],
    ["SERVICE_DISABLED", "GMAIL_API_DISABLED", /the Pub\/Sub API/],
  ])("that is refused by the reason %s says what is missing at Pub/Sub, and not at Gmail", async (reason, code, hint) => {
    const { fake, source } = await open();
    const body = { error: { code: 403, message: "no", status: "PERMISSION_DENIED", details: [{ reason }] } };
    fake.setFaults([{ type: "status", status: 403, body, on: "POST /v1/projects/:project/subscriptions/:call" }]);
    const ended = source.wait?.(signal, () => undefined, keepNothing);
    await expect(ended).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) as string });
  });

  test("is read by the service account in its own name", async () => {
    const opened = await open({ users: ["ann@example.com"] });
    const { fake } = opened;
    fake.pubsub.publish(fake.topic, { emailAddress: "Ann@Example.com", historyId: 7 });
    const { requests, until } = waiter(opened);
    await until(() => fake.pubsub.unacknowledged(fake.subscription) === 0);
    expect(requests).toEqual([undefined, "ann@example.com"]);
  });
});
