import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import type { GateAnswer } from "../provider-gate.ts";
import { type ConnectorCase, onNetwork } from "./connector-case.ts";
import { filledOf, keysOf, ownError, type PullHarness } from "./pull-harness.ts";
import { expectSameKeys } from "./expect-keys.ts";
import { required } from "../required.ts";

const day = 86_400_000;

const networkErrors: readonly GateAnswer[] = [
  () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) })),
  () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("not found"), { code: "ENOTFOUND" }) })),
  () => new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) })),
];

const json = { headers: { "content-type": "application/json" } };
const garbage: readonly GateAnswer[] = [
  () => new Response("<html>Please log in</html>", { headers: { "content-type": "text/html" } }),
  () => new Response("", json),
  () => new Response('{"half":', json),
  () => new Response("null", json),
  () => new Response('"text"', json),
];

/** What a provider does on a bad day, from the first request on and in the middle of a walk. */
export const faultCases: readonly ConnectorCase[] = [
  {
    title: "ends at a rate limit, says when it is over, and resumes without a gap",
    holdsFor: onNetwork,
    async run(harness) {
      const whole = keysOf((await harness.wholeWalk()).pages);
      const limited = () => harness.provider.rateLimited(harness.clock.now());
      for (const afterPages of harness.moments(0, 1, 2)) {
        const nowMs = harness.clock.now();
        const { pages, cursor, error } = await walkInto(harness, limited, afterPages);
        expect(error.retryAtMs, "retryAtMs").toSatisfy((atMs: number) => atMs > nowMs && atMs <= nowMs + day);
        harness.clock.set(required(error.retryAtMs, "retryAtMs"));
        const rest = await harness.wholeWalk(cursor);
        expectSameKeys(keysOf([...pages, ...rest.pages]), whole, "keys seen before and after");
      }
    },
  },
  {
    title: "calls refused credentials a lasting failure, and says what to do",
    holdsFor: onNetwork,
    async run(harness) {
      for (const afterPages of harness.moments(0, 1)) {
        const { error } = await walkInto(harness, () => harness.provider.unauthorized(), afterPages);
        expect([error.retryable, error.retryAtMs]).toEqual([false, undefined]);
        expect(error.hint ?? "", "hint").not.toBe("");
      }
    },
  },
  {
    title: "calls a failing provider a passing failure",
    holdsFor: onNetwork,
    async run(harness) {
      for (const status of [500, 502, 503]) {
        for (const afterPages of harness.moments(1)) {
          const { error } = await walkInto(harness, () => new Response("<html>Sorry</html>", { status }), afterPages);
          expect(error.retryable, `after a ${status}`).toBe(true);
        }
      }
    },
  },
  {
    title: "calls a failing network a passing failure",
    holdsFor: onNetwork,
    async run(harness) {
      for (const answer of networkErrors) {
        for (const afterPages of harness.moments(0, 1))
          expect((await walkInto(harness, answer, afterPages)).error.retryable).toBe(true);
      }
    },
  },
  {
    title: "names an answer that makes no sense as such, and takes nothing from it",
    holdsFor: onNetwork,
    async run(harness) {
      for (const answer of garbage) {
        for (const afterPages of harness.moments(0, 1)) {
          const { error, pages } = await walkInto(harness, answer, afterPages);
          expect(error.message).not.toBe("");
          expect(filledOf(pages).length, "pages").toBe(afterPages);
        }
      }
    },
  },
];

/** A walk on which every request gets `answer` once `afterPages` were yielded, with the error of this connector that ends it. */
export async function walkInto(harness: PullHarness, answer: GateAnswer, afterPages: number) {
  if (afterPages === 0) harness.gate.answerWith(answer);
  const walk = await harness.walk(undefined, (count) => {
    if (count === afterPages) harness.gate.answerWith(answer);
  });
  harness.gate.answerWith(undefined);
  const error: ConnectorsError = ownError(harness, walk.error);
  return { ...walk, error };
}
