import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { refreshToken, type RefreshTokenGrant } from "../../src/auth/index.ts";
import { silentLogger, type SourceStorage, storageLimits } from "../../src/host/index.ts";
import { ConnectorsError, describeError, Secret } from "../../src/index.ts";
import { storageInMemory } from "../../src/store/index.ts";
import { HandClock } from "../hand-clock.ts";
import { type EndpointAnswer, startTokenEndpoint, type TokenCall } from "./token-endpoint.ts";

const { signal: patient } = new AbortController();
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A provider that accepts only the refresh token that it issued last, and issues another with each use. */
class Rotating {
  current: string;
  issued = 0;
  refused = 0;
  lifetimeSeconds: number | undefined = 3_600;
  rotates = true;

  constructor(first: string) {
    this.current = first;
  }

  readonly answer = ({ form }: TokenCall): EndpointAnswer => {
    if (form["refresh_token"] !== this.current) {
      this.refused += 1;
      return { status: 400, body: { error: "invalid_grant", error_description: "Token has been expired or revoked." } };
    }
    this.issued += 1;
    if (this.rotates) this.current = `refresh-${this.issued}`;
    const body = { access_token: `access-${this.issued}`, expires_in: this.lifetimeSeconds };
    return { body: this.rotates ? { ...body, refresh_token: this.current } : body };
  };
}

interface World {
  readonly clock: HandClock;
  readonly storage: SourceStorage;
  readonly fetch?: typeof globalThis.fetch;
}

function world(): World {
  const clock = new HandClock();
  return { clock, storage: storageInMemory(clock) };
}

/** One process; several of them share a world. */
function process(url: string, { clock, storage, fetch = globalThis.fetch }: World, given: Partial<RefreshTokenGrant> = {}) {
  const grant: RefreshTokenGrant = {
    tokenUrl: url,
    clientId: "app",
    clientSecret: new Secret("client-secret"),
    refreshToken: new Secret("signed-in-1"),
    provider: "Acme",
    codePrefix: "ACME",
    entry: '[[pull.acme]] name = "main"',
    ...given,
  };
  const source = refreshToken(grant, { clock, fetch, logger: silentLogger, storage });
  return {
    token: async (signal = patient) => (await source.token(signal)).reveal(),
    forget: (token: string) => source.forget(new Secret(token)),
  };
}

/** Lets time pass until the work is done: what waits for another process looks again. */
async function whileTimePasses<Value>(clock: HandClock, work: Promise<Value>, stepMs = 100): Promise<Value> {
  const waiting = new Set([work]);
  const settle = () => waiting.clear();
  work.then(settle, settle);
  while (waiting.size > 0) {
    await clock.advance(stepMs);
    await nextTurn();
  }
  return work;
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => Promise.reject(new Error("a token was given")),
    (error: ConnectorsError) => error,
  );

test("sends the refresh token of the options, then each time the one that replaced it", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const { token } = process(endpoint.url, shared, { scope: "read", sendIn: "form" });
  expect([await token(), await token()]).toEqual(["access-1", "access-1"]);
  for (const access of ["access-2", "access-3"]) {
    await shared.clock.advance(hourMs);
    expect(await token()).toBe(access);
  }
  const sent = endpoint.calls.map(({ form }) => form["refresh_token"]);
  expect(sent).toEqual(["signed-in-1", "refresh-1", "refresh-2"]);
  expect(endpoint.calls[0]?.form).toMatchObject({ grant_type: "refresh_token", scope: "read", client_id: "app" });
});

test("a restarted process uses the stored access token, and then the stored refresh token", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  await process(endpoint.url, shared).token();
  expect(await process(endpoint.url, shared).token()).toBe("access-1");
  expect(endpoint.calls).toHaveLength(1);
  await shared.clock.advance(2 * hourMs);
  expect(await process(endpoint.url, shared).token()).toBe("access-2");
});

test("of many processes one requests the next tokens, and all use them", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const processes = Array.from({ length: 8 }, () => process(endpoint.url, shared));
  for (let round = 1; round <= 5; round += 1) {
    const tokens = await whileTimePasses(shared.clock, Promise.all(processes.map(({ token }) => token())));
    expect(new Set(tokens)).toEqual(new Set([`access-${round}`]));
    await shared.clock.advance(hourMs);
  }
  expect([provider.issued, provider.refused]).toEqual([5, 0]);
});

test("a provider that replaces no refresh token is sent the same one", async () => {
  const provider = new Rotating("signed-in-1");
  provider.rotates = false;
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const { token } = process(endpoint.url, shared);
  await token();
  await shared.clock.advance(hourMs);
  expect(await token()).toBe("access-2");
});

test("a token without a lifetime is used until it is refused", async () => {
  const provider = new Rotating("signed-in-1");
  provider.lifetimeSeconds = undefined;
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const [one, other] = [process(endpoint.url, shared), process(endpoint.url, shared)];
  await one.token();
  await shared.clock.advance(1_000 * hourMs);
  expect(await one.token()).toBe("access-1");
  one.forget("access-1");
  expect(await one.token()).toBe("access-2");
  expect(await other.token()).toBe("access-2");
});

describe("a new refresh token in the options", () => {
  test("replaces what is stored, and a process that still has the old one follows it", async () => {
    const provider = new Rotating("signed-in-1");
    await using endpoint = await startTokenEndpoint(provider.answer);
    const shared = world();
    await process(endpoint.url, shared).token();
    provider.current = "signed-in-2";
    const renewed = process(endpoint.url, shared, { refreshToken: new Secret("signed-in-2") });
    expect(await renewed.token()).toBe("access-2");
    const outdated = process(endpoint.url, shared);
    expect(await outdated.token()).toBe("access-2");
    await shared.clock.advance(hourMs);
    expect([await outdated.token(), await renewed.token()]).toEqual(["access-3", "access-3"]);
    expect(provider.refused).toBe(0);
  });
});

describe("a refresh token that the provider refuses", () => {
  test("stops with a sentence for the operator, and is not sent again for an hour", async () => {
    const provider = new Rotating("another");
    await using endpoint = await startTokenEndpoint(provider.answer);
    const shared = world();
    const { token } = process(endpoint.url, shared);
    const error = await failureOf(token());
    expect(error).toMatchObject({ code: "ACME_UNAUTHORIZED", retryable: false });
    expect(error.hint).toBe("set `refresh_token` to a new one: sign in at Acme again to get it");
    expect(describeError(error)).not.toContain("signed-in-1");
    for (let attempt = 0; attempt < 20; attempt += 1) await failureOf(token());
    expect(endpoint.calls).toHaveLength(1);
    await shared.clock.advance(hourMs);
    await failureOf(token());
    expect(endpoint.calls).toHaveLength(2);
  });

  test("does not hold up a process that starts with a new one", async () => {
    const provider = new Rotating("signed-in-2");
    await using endpoint = await startTokenEndpoint(provider.answer);
    const shared = world();
    await failureOf(process(endpoint.url, shared).token());
    expect(await process(endpoint.url, shared, { refreshToken: new Secret("signed-in-2") }).token()).toBe("access-1");
  });

  test("is looked up once more when another process has replaced it meanwhile", async () => {
    const provider = new Rotating("signed-in-1");
    await using endpoint = await startTokenEndpoint(provider.answer);
    const shared = world();
    const stale = new Map<string, Awaited<ReturnType<SourceStorage["get"]>>>();
    const delayed: SourceStorage = {
      ...shared.storage,
      get: async (key) => (stale.has(key) ? stale.get(key) : shared.storage.get(key)),
      // The store lets this write pass as if the process had been first.
      compareAndSet: async (key, value, version) =>
        stale.delete(key) ? true : shared.storage.compareAndSet(key, value, version),
      delete: (key, version) => shared.storage.delete(key, version),
    };
    stale.set("refresh-token", undefined);
    await process(endpoint.url, shared).token();
    const late = process(endpoint.url, { ...shared, storage: delayed });
    expect(await late.token()).toBe("access-1");
    expect(provider.refused).toBe(1);
  });

  test("a refused client is reported with its own hint", async () => {
    await using endpoint = await startTokenEndpoint(() => ({ status: 401, body: { error: "invalid_client" } }));
    const error = await failureOf(process(endpoint.url, world()).token());
    expect(error.hint).toBe("set `client_id` and `client_secret` to those of a client that Acme accepts");
  });
});

test("a process that dies while it refreshes is waited for, and then replaced", async () => {
  const provider = new Rotating("signed-in-1");
  let isHanging = true;
  await using endpoint = await startTokenEndpoint((call) => (isHanging ? undefined : provider.answer(call)));
  const shared = world();
  const dying = process(endpoint.url, { ...shared, clock: new HandClock() });
  const requested = endpoint.nextCall();
  void dying.token().catch(() => undefined);
  await requested;
  isHanging = false;
  const startedAtMs = shared.clock.now();
  expect(await whileTimePasses(shared.clock, process(endpoint.url, shared).token(), 500)).toBe("access-1");
  const waitedMs = shared.clock.now() - startedAtMs;
  expect(waitedMs).toBeGreaterThanOrEqual(minuteMs);
  expect(waitedMs).toBeLessThan(2 * minuteMs);
});

test("a process that dies while it refreshes is replaced, although no call waits for as long as its claim lasts", async () => {
  const provider = new Rotating("signed-in-1");
  let isHanging = true;
  await using endpoint = await startTokenEndpoint((call) => (isHanging ? undefined : provider.answer(call)));
  const shared = world();
  const dying = process(endpoint.url, { ...shared, clock: new HandClock() });
  const requested = endpoint.nextCall();
  void dying.token().catch(() => undefined);
  await requested;
  isHanging = false;
  const { token } = process(endpoint.url, shared);
  let given: string | undefined;
  for (let round = 0; round < 10 && given === undefined; round += 1) {
    const caller = new AbortController();
    const cancel = shared.clock.after(minuteMs / 2, () => caller.abort(new Error("out of time")));
    given = await whileTimePasses(
      shared.clock,
      token(caller.signal).catch(() => undefined),
    );
    cancel();
  }
  expect(given).toBe("access-1");
});

test("a caller that leaves ends no request that uses up the refresh token", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const answered = Promise.withResolvers<void>();
  const arrives = Promise.withResolvers<void>();
  const fetch: typeof globalThis.fetch = async (...request) => {
    const answer = await globalThis.fetch(...request);
    answered.resolve();
    await arrives.promise;
    return answer;
  };
  const { token } = process(endpoint.url, { ...world(), fetch });
  const caller = new AbortController();
  const leaving = token(caller.signal);
  await answered.promise;
  caller.abort(new Error("stopped"));
  await expect(leaving).rejects.toThrow("stopped");
  const next = token();
  arrives.resolve();
  expect(await next).toBe("access-1");
  expect([provider.issued, provider.refused]).toEqual([1, 0]);
});

test("a replaced refresh token that cannot be stored is used by its process, and stored as soon as the store answers", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  let writes = 0;
  let isDown = false;
  const storage: SourceStorage = {
    get: async (key) => {
      if (isDown) throw new ConnectorsError({ code: "STORE_UNAVAILABLE", message: "the store is down", retryable: true });
      return shared.storage.get(key);
    },
    async compareAndSet(...write) {
      writes += 1;
      const isStored = await shared.storage.compareAndSet(...write);
      // It goes down right after the claim.
      if (writes === 1) isDown = true;
      return isStored;
    },
    delete: (...deletion) => shared.storage.delete(...deletion),
  };
  const { token } = process(endpoint.url, { ...shared, storage });
  expect([await token(), await token()]).toEqual(["access-1", "access-1"]);
  isDown = false;
  await shared.clock.advance(minuteMs);
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  const restarted = process(endpoint.url, shared);
  expect(await restarted.token()).toBe("access-1");
  await shared.clock.advance(hourMs);
  expect(await restarted.token()).toBe("access-2");
  expect(provider.refused).toBe(0);
});

test("tokens are stored under one key, and an access token that is too long for it is left out", async () => {
  const provider = new Rotating("signed-in-1");
  const long = "t".repeat(storageLimits.valueBytes);
  await using endpoint = await startTokenEndpoint((call) => {
    const { body, ...answer } = provider.answer(call);
    return { ...answer, body: { ...(body as object), access_token: long } };
  });
  const shared = world();
  expect(await process(endpoint.url, shared).token()).toBe(long);
  const stored = await shared.storage.get("refresh-token");
  expect(JSON.parse(stored?.value.reveal() ?? "{}")).toMatchObject({ refresh: "refresh-1" });
  expect(await process(endpoint.url, shared).token()).toBe(long);
  expect(provider.refused).toBe(0);
});

test("an end of a token that a clock wrote that was ahead is not believed", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const ahead = new HandClock();
  ahead.nowMs = shared.clock.now() + 1_000 * hourMs;
  await process(endpoint.url, { ...shared, clock: ahead }).token();
  expect(await process(endpoint.url, shared).token()).toBe("access-2");
});

test("what is stored and is no chain of tokens is replaced", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  for (const text of ["garbage", "null", '{"v":1}', '{"v":"2"}', "[]"]) {
    provider.current = "signed-in-1";
    const shared = world();
    await shared.storage.compareAndSet("refresh-token", text, undefined);
    expect(await process(endpoint.url, shared).token()).toMatch(/^access-/);
  }
});

test("tokens that a later release stored are neither used nor replaced", async () => {
  const provider = new Rotating("signed-in-1");
  await using endpoint = await startTokenEndpoint(provider.answer);
  const shared = world();
  const later = '{"v":2,"chains":[]}';
  await shared.storage.compareAndSet("refresh-token", later, undefined);
  await expect(process(endpoint.url, shared).token()).rejects.toMatchObject({
    code: "STORE_STORAGE_NEWER",
    message: expect.stringContaining("version 2"),
  });
  expect((await shared.storage.get("refresh-token"))?.value.reveal()).toBe(later);
  expect(provider.issued).toBe(0);
});
