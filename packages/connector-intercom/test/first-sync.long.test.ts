import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { connector } from "../src/index.ts";

/** `npm run test:soak` reads 100,000. */
const conversations = Number(process.env["FIRST_SYNC_ITEMS"] ?? 3_000);
const comments = 3;
const mebibyte = 1024 * 1024;

/** The fake in a process of its own, so that only the connector is measured. */
async function startFake() {
  const main = fileURLToPath(new URL("../src/testing/main.ts", import.meta.url));
  const sizes = ["--conversations", String(conversations), "--comments", String(comments), "--limit", "1000000000"];
  const args = ["--conditions=@statewave-connectors/source", main, ...sizes, "--until-stdin-ends"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill());
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as { readonly url: string; readonly app: string; readonly token: string };
}

test(`a first sync of ${conversations} conversations delivers each message once, and holds a page at a time`, async () => {
  const { url, app, token } = await startFake();
  const clock = new FakeClock(Date.now());
  // Requests take time, so that the limit of the entry is not met.
  const fetch: typeof globalThis.fetch = async (...request) => {
    await clock.advance(100);
    return await globalThis.fetch(...request);
  };
  const { source } = await openEntry(connector, { access_token: token, base_url: url, app_id: app }, { clock, fetch });
  let episodes = 0;
  let peakBytes = 0;
  let largestCursor = 0;
  const idleBytes = process.memoryUsage.rss();
  const startedMs = performance.now();
  for await (const page of source.pages(undefined, new AbortController().signal)) {
    episodes += page.episodes.length;
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    largestCursor = Math.max(largestCursor, page.cursor?.length ?? 0);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { requests } = (await (await globalThis.fetch(`${url}/__fake__/stats`)).json()) as { readonly requests: number };
  const fewest = conversations + Math.ceil(conversations / 150);
  console.log(
    `${episodes} episodes, ${requests} requests (${(requests / fewest).toFixed(3)} of the fewest), ${seconds.toFixed(0)} s, peak +${((peakBytes - idleBytes) / mebibyte).toFixed(0)} MiB over ${(idleBytes / mebibyte).toFixed(0)} MiB`,
  );
  // Each is begun and answered, and every second one is closed.
  expect(episodes).toBe(conversations * (1 + comments) + Math.ceil(conversations / 2));
  expect(requests).toBeLessThanOrEqual(fewest * 1.05);
  expect(largestCursor).toBeLessThan(100_000);
}, 3_600_000);
