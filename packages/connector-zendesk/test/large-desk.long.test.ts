import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openEntry } from "@statewave-connectors/testing";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { expect, onTestFinished, test } from "vitest";
import { connector } from "../src/index.ts";
import { fillDesk } from "../src/testing/index.ts";
import { keysOf, openDesk } from "./open-desk.ts";

/** `npm run test:soak` reads 100,000. */
const tickets = Number(process.env["FIRST_SYNC_ITEMS"] ?? 11_000);
const commentsPerTicket = 3;
const mebibyte = 1024 ** 2;

/** The fake in a process of its own, so that only the connector's memory is measured. */
async function startFake() {
  const main = fileURLToPath(new URL("../src/testing/main.ts", import.meta.url));
  const args = ["--tickets", tickets, "--comments-per-ticket", commentsPerTicket, "--exports-per-minute", 1_000_000];
  const child = spawn(
    process.execPath,
    ["--conditions=@statewave-connectors/source", main, ...args.map(String), "--until-stdin-ends"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  onTestFinished(() => void child.kill());
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as { readonly url: string; readonly token: string; readonly episodes: number };
}

test(
  `${tickets} tickets with three comments each are read with at most 5 % more requests than pages`,
  { timeout: 900_000 },
  async () => {
    const fake = await startFake();
    const options = { subdomain: "acme", oauth_token: fake.token, base_url: fake.url, exports_per_minute: 1_000 };
    const { source } = await openEntry(connector, options, { clock: systemClock });
    globalThis.gc?.();
    const idle = process.memoryUsage().rss;
    const startedMs = performance.now();
    let [episodes, peak] = [0, idle];
    for await (const page of source.pages(undefined, new AbortController().signal)) {
      episodes += page.episodes.length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    const { requests } = (await (await fetch(`${fake.url}/__fake__/stats`)).json()) as { readonly requests: number };
    const steps = tickets * (1 + commentsPerTicket) + tickets / 2;
    const fewest = Math.ceil(tickets / 1_000) + Math.ceil(steps / 1_000);
    console.log(
      `${episodes} episodes, ${requests} requests (${fewest} pages), peak +${((peak - idle) / mebibyte).toFixed(0)} MiB, ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
    );
    expect(episodes).toBe(fake.episodes);
    expect(requests).toBeLessThanOrEqual(fewest * 1.05);
  },
);

test("tickets are read ahead of their events, and no further than they are remembered", async () => {
  const { desk, requests, pull } = await openDesk({ ticketsPerPage: 1_000 });
  // Each ticket is worked on for a day, so that its last change lies far behind its first events.
  fillDesk(desk, { tickets: 12_000, commentsPerTicket: 0, solvedEvery: 2, stepSeconds: 86_400, ticketsPerRequester: 50 });
  const pages = await (await pull()).walk();

  expect(keysOf(pages)).toHaveLength(18_000);
  const lookUps = requests.filter((path) => !path.startsWith("incremental/"));
  const lists = requests.filter((path) => path.startsWith("incremental/")).map((path) => (path.includes("cursor") ? "t" : "e"));
  // At most 4 pages of tickets, then events until some of these were reached, then tickets again.
  expect(lists.join("")).toMatch(/^t{3,4}e+t+e+t+e/);
  // The names of a brand and of the agent.
  expect(lookUps.length).toBeLessThanOrEqual(2);
}, 120_000);
