import { EventEmitter, on } from "node:events";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";

const clock = new FakeClock();
let tokens = 0;

/** The first page of a provider that answers everything with `answer`. */
async function firstPage(answer: typeof fetch): Promise<unknown> {
  // A pause holds for all that use the same token.
  tokens += 1;
  const options = { base_url: "http://provider.invalid", token: `t${tokens}` };
  const { source } = await openEntry(connector, options, { clock, fetch: answer });
  const pages = source.pages(undefined, new AbortController().signal);
  return pages[Symbol.asyncIterator]().next();
}

test("gives up on requests that take over 30 s each, the last one for a single change", async () => {
  const sizes: (string | null)[] = [];
  const requests = new EventEmitter();
  const requested = on(requests, "request");
  const silent: typeof fetch = (input, init) => {
    sizes.push(new URL(input instanceof Request ? input.url : input).searchParams.get("limit"));
    requests.emit("request");
    return new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("cut off")));
    });
  };
  const page = firstPage(silent).catch((error: unknown) => error);
  for (let request = 0; request < 4; request += 1) {
    await requested.next();
    await clock.advance(30_000);
  }
  expect(await page).toMatchObject({ code: "EXAMPLE_UNAVAILABLE", retryable: true });
  expect(sizes).toEqual(["100", "30", "10", "1"]);
});

test("does not request for ever when more is promised than given", async () => {
  const page = firstPage(() => Promise.resolve(Response.json({ changes: [], more: true })));
  await expect(page).rejects.toMatchObject({ code: "EXAMPLE_PAGE_REPEATED" });
});

test.each([
  ["no time", undefined, 60],
  ["a time", "90", 90],
  ["a time beyond a day", "9999999", 86_400],
  ["no sense", "soon", 60],
])("comes back from a rate limit that names %s", async (_, retryAfter, seconds) => {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  const page = firstPage(() => Promise.resolve(new Response("", { status: 429, headers })));
  await expect(page).rejects.toMatchObject({ code: "EXAMPLE_RATE_LIMITED", retryAtMs: clock.now() + seconds * 1000 });
});
