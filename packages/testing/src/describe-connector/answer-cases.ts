import { expect } from "vitest";
import type { GateRequest, Interception } from "../provider-gate.ts";
import { type ConnectorCase, onNetwork } from "./connector-case.ts";
import { walkInto } from "./fault-cases.ts";
import { filledOf, ownError, type PullHarness } from "./pull-harness.ts";

const mebibyte = 1024 * 1024;
/** What a gzip bomb of 100 KB unpacks to. */
const bombMebibytes = 96;
const longestMessage = 2_000;

/** Answers that are dangerous, or that say more than a failure that passes. */
export const answerCases: readonly ConnectorCase[] = [
  {
    title: "takes a redirect to another address for a failure: no credentials go there, and nothing is read there",
    holdsFor: onNetwork,
    async run(harness) {
      for (const status of [301, 302, 307, 308]) {
        for (const afterPages of harness.moments(0, 1)) await expectNotFollowed(harness, status, afterPages);
      }
    },
  },
  {
    title: "stops reading an answer that does not end, such as a gzip bomb",
    holdsFor: onNetwork,
    async run(harness) {
      for (const afterPages of harness.moments(0, 1)) {
        const bomb = gzipBomb();
        const { error, pages } = await walkInto(harness, bomb.answer, afterPages);
        expect(error.message).not.toBe("");
        expect(filledOf(pages).length, "pages").toBe(afterPages);
        expect(bomb.mebibytes(), "MiB that were read").toBeLessThan(bombMebibytes);
      }
    },
  },
  {
    title: "calls a web page in place of an answer a failure that passes, and says what to check",
    holdsFor: onNetwork,
    async run(harness) {
      const login = '<!doctype html><html><head><title>Please log in</title></head><body class="proxy">…</body></html>';
      for (const afterPages of harness.moments(0, 1)) {
        const answer = () => new Response(login, { headers: { "content-type": "text/html; charset=utf-8" } });
        const { error } = await walkInto(harness, answer, afterPages);
        expect(error.retryable, "retryable").toBe(true);
        expect(error.hint ?? "", "hint").not.toBe("");
        expect(error.message).not.toContain("<");
      }
    },
  },
  {
    title: "calls what is gone or withheld a lasting failure, and says what to do",
    holdsFor: onNetwork,
    async run(harness) {
      for (const status of [410, 451]) {
        const { error } = await walkInto(harness, () => Response.json({ message: "no longer" }, { status }), 0);
        expect([error.retryable, error.retryAtMs], `after a ${status}`).toEqual([false, undefined]);
        expect(error.hint ?? "", "hint").not.toBe("");
      }
    },
  },
  {
    title: "shows of what the provider says in an error only so much as a line takes, without control characters",
    holdsFor: onNetwork,
    async run(harness) {
      const words = `\u001B[31mno\r\nlevel=info forged \u202E ${"long ".repeat(20_000)}`;
      for (const status of [400, 401, 403, 404, 422, 500]) {
        const body = { message: words, error: words, errors: [words] };
        const { error } = await walkInto(harness, () => Response.json(body, { status }), 0);
        const shown = `${error.message}${error.hint ?? ""}`;
        expect(shown.length, `characters after a ${status}`).toBeLessThan(longestMessage);
        expect(shown, `after a ${status}`).not.toMatch(/[\p{Cc}\u202A-\u202E]/u);
      }
    },
  },
];

const elsewhere = "https://elsewhere.invalid";
const unavailable = () => new Response(null, { status: 503 });

async function expectNotFollowed(harness: PullHarness, status: number, afterPages: number): Promise<void> {
  const strayed: GateRequest[] = [];
  // The other address answers as the provider does, so that following it shows.
  let provide: () => Response | Promise<Response> = unavailable;
  const answer: Interception = (request, pass) => {
    if (request.url.origin === elsewhere) {
      strayed.push(request);
      return provide();
    }
    if (!isArmed) return pass();
    provide = pass;
    const location = `${elsewhere}${request.url.pathname}${request.url.search}`;
    return new Response(null, { status, headers: { location } });
  };
  let isArmed = afterPages === 0;
  harness.gate.intercept(answer);
  const { pages, error } = await harness.walk(undefined, (count) => {
    isArmed = count >= afterPages;
  });
  harness.gate.intercept(undefined);
  for (const { url, headers, body } of strayed) {
    const sent = JSON.stringify([url.href, [...headers], body]);
    for (const secret of harness.secrets()) expect(sent.includes(secret), `credentials in a request to ${elsewhere}`).toBe(false);
  }
  expect(ownError(harness, error ?? "nothing").message).not.toBe("");
  expect(filledOf(pages).length, `pages with a ${status} after ${afterPages}`).toBe(afterPages);
}

/** Endless answers, and how much was read of the one that was read furthest. */
function gzipBomb() {
  let mostPulled = 0;
  const chunk = new Uint8Array(mebibyte).fill(0x20);
  const answer = () => {
    let pulled = 0;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (pulled >= bombMebibytes) return controller.close();
      pulled += 1;
      mostPulled = Math.max(mostPulled, pulled);
      controller.enqueue(pulled === 1 ? new TextEncoder().encode("[") : chunk);
    };
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  return { answer, mebibytes: () => mostPulled };
}
