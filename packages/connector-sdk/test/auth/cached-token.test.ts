import { describe, expect, test } from "vitest";
import { CachedToken, type IssuedToken } from "../../src/auth/index.ts";
import { ConnectorsError } from "../../src/index.ts";
import { maskSecrets } from "../../src/secrets/index.ts";
import { HandClock } from "../hand-clock.ts";

const { signal: patient } = new AbortController();
const outage = new ConnectorsError({ code: "ACME_UNAVAILABLE", message: "the token endpoint is down", retryable: true });

/** A provider that issues `token-1`, `token-2`, … each valid for `lifetimeMs`. */
function issuer(lifetimeMs?: number) {
  const clock = new HandClock();
  const provider = { clock, minted: 0, lifetimeMs, failWith: undefined as Error | undefined };
  const tokens = new CachedToken({
    clock,
    mint: () => {
      provider.minted += 1;
      if (provider.failWith !== undefined) return Promise.reject(provider.failWith);
      return Promise.resolve<IssuedToken>({ token: `token-${provider.minted}`, lifetimeMs: provider.lifetimeMs });
    },
  });
  const current = async () => (await tokens.token(patient)).reveal();
  return { provider, clock, tokens, current };
}

const minutes = (count: number) => count * 60_000;

describe("a token is kept", () => {
  test("until five minutes before its end", async () => {
    const { clock, current } = issuer(minutes(60));
    expect(await current()).toBe("token-1");
    await clock.advance(minutes(55) - 1);
    expect(await current()).toBe("token-1");
    await clock.advance(1);
    expect(await current()).toBe("token-2");
  });

  test("for half of a life that is shorter than ten minutes", async () => {
    const { clock, current } = issuer(minutes(4));
    await current();
    await clock.advance(minutes(2) - 1);
    expect(await current()).toBe("token-1");
    await clock.advance(1);
    expect(await current()).toBe("token-2");
  });

  test.each([
    ["no lifetime", undefined],
    ["a lifetime that is no number", Number.NaN],
  ])("until it is refused when the provider states %s", async (_, lifetimeMs) => {
    const { clock, current } = issuer(lifetimeMs);
    await current();
    await clock.advance(minutes(1_000_000));
    expect(await current()).toBe("token-1");
  });

  test.each([0, -5_000, 1])("for ten seconds when the provider states a lifetime of %i ms", async (lifetimeMs) => {
    const { clock, current, provider } = issuer(lifetimeMs);
    for (let request = 0; request < 100; request += 1) await current();
    expect(provider.minted).toBe(1);
    await clock.advance(10_000);
    expect(await current()).toBe("token-2");
  });

  test("no longer when the clock is set back, because its age is unknown", async () => {
    const { clock, current } = issuer(minutes(60));
    clock.nowMs = minutes(600);
    await current();
    clock.nowMs -= minutes(30);
    expect(await current()).toBe("token-2");
  });
});

describe("a request for a token", () => {
  test("is shared by the callers that wait for it", async () => {
    const { tokens, provider } = issuer(minutes(60));
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.token(patient)));
    expect([new Set(given).size, provider.minted]).toEqual([1, 1]);
  });

  test("continues for the other callers when one leaves, and is aborted when the last one leaves", async () => {
    const requests: AbortSignal[] = [];
    const answers: ((issued: IssuedToken) => void)[] = [];
    const tokens = new CachedToken({
      clock: new HandClock(),
      mint: (signal) => {
        requests.push(signal);
        return new Promise((resolve) => answers.push(resolve));
      },
    });
    const leaving = [new AbortController(), new AbortController()];
    const [first, second] = leaving.map(({ signal }) => tokens.token(signal));
    leaving[0]?.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    expect(requests[0]?.aborted).toBe(false);
    leaving[1]?.abort(new Error("left too"));
    await expect(second).rejects.toThrow("left too");
    expect(requests[0]?.aborted).toBe(true);

    const third = tokens.token(patient);
    answers[1]?.({ token: "fresh-token" });
    expect((await third).reveal()).toBe("fresh-token");
    expect(requests).toHaveLength(2);
  });

  test("is not sent for a caller that has left already", async () => {
    const { tokens, provider } = issuer();
    await expect(tokens.token(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(provider.minted).toBe(0);
  });

  test("that fails is repeated by the next caller", async () => {
    const { provider, current } = issuer();
    provider.failWith = outage;
    await expect(current()).rejects.toBe(outage);
    provider.failWith = undefined;
    expect(await current()).toBe("token-2");
  });
});

describe("a renewal that fails", () => {
  test("for now leaves the present token in use until its end, and is repeated every ten seconds", async () => {
    const { clock, current, provider } = issuer(minutes(60));
    await current();
    provider.failWith = outage;
    await clock.advance(minutes(56));
    for (let request = 0; request < 50; request += 1) expect(await current()).toBe("token-1");
    expect(provider.minted).toBe(2);
    await clock.advance(10_000);
    await current();
    expect(provider.minted).toBe(3);
    await clock.advance(minutes(4));
    await expect(current()).rejects.toBe(outage);
  });

  test("for good fails the caller", async () => {
    const { clock, current, provider } = issuer(minutes(60));
    await current();
    provider.failWith = new ConnectorsError({ code: "ACME_UNAUTHORIZED", message: "the client is unknown" });
    await clock.advance(minutes(56));
    await expect(current()).rejects.toBe(provider.failWith);
  });
});

describe("a refused token", () => {
  test("is replaced", async () => {
    const { tokens, current } = issuer();
    tokens.forget(await tokens.token(patient));
    expect(await current()).toBe("token-2");
  });

  test("leaves a newer one in use", async () => {
    const { tokens, current } = issuer();
    const old = await tokens.token(patient);
    tokens.forget(old);
    await current();
    tokens.forget(old);
    expect(await current()).toBe("token-2");
  });

  test("is replaced once in 30 seconds when each new one is refused, too", async () => {
    const { clock, tokens, provider } = issuer();
    for (let request = 0; request < 100; request += 1) tokens.forget(await tokens.token(patient));
    expect(provider.minted).toBe(2);
    await clock.advance(30_000);
    for (let request = 0; request < 100; request += 1) tokens.forget(await tokens.token(patient));
    expect(provider.minted).toBe(3);
  });
});

test("a minted token prints as *** wherever it is written", async () => {
  const { tokens } = issuer();
  const token = await tokens.token(patient);
  expect([String(token), JSON.stringify({ token }), maskSecrets("got token-1.")]).toEqual(["***", '{"token":"***"}', "got ***."]);
});
