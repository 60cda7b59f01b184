import { Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";

const clock = new FakeClock();

/** The first page of a provider that answers everything with `answer`. */
async function firstPage(answer: typeof fetch): Promise<unknown> {
  const source = { kind: "example", name: "main" };
  const options = { base_url: "http://provider.invalid", token: new Secret("t") };
  const context = {
    source,
    baseDir: "/",
    clock,
    random: () => 0.5,
    fetch: answer,
    logger: silentLogger,
    reportHealth: () => undefined,
  };
  const pages = connector.pull!.open(options, context).pages(undefined, new AbortController().signal);
  return pages[Symbol.asyncIterator]().next();
}

test("gives up on a request that takes over 30 s", async () => {
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("cut off")));
    });
  const page = firstPage(silent).catch((error: unknown) => error);
  await clock.advance(30_000);
  expect(await page).toMatchObject({ code: "EXAMPLE_UNAVAILABLE", retryable: true });
});

test("does not ask for ever when more is promised than given", async () => {
  const page = firstPage(() => Promise.resolve(Response.json({ changes: [], more: true })));
  await expect(page).rejects.toMatchObject({ code: "EXAMPLE_BAD_ANSWER" });
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
