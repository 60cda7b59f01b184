/**
 * A first sync, and the runs after it, against a fake Freshdesk in a process of its own:
 * node --conditions=@statewave-connectors/source packages/connector-freshdesk/bench/first-sync.ts [tickets] [replies of each]
 *
 * Prints whether every ticket and reply came, how many requests each run took, and how much memory the reading needed over the idle process.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Page } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { openEntry } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";

const tickets = Number(process.argv[2] ?? 100_000);
const replies = Number(process.argv[3] ?? 3);
const mebibyte = 1024 * 1024;

const main = fileURLToPath(new URL("../src/testing/main.ts", import.meta.url));
const sizes = ["--tickets", String(tickets), "--replies", String(replies)];
const child = spawn(process.execPath, ["--conditions=@statewave-connectors/source", main, ...sizes, "--until-stdin-ends"], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
const { url, apiKey } = JSON.parse(line) as { readonly url: string; readonly apiKey: string };

async function call(method: string, ...args: readonly unknown[]): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/_fake/${method}`, { method: "POST", headers, body: JSON.stringify(args) });
  return await response.json();
}

const requestsSoFar = async () => ((await call("stats")) as { readonly requests: number }).requests;
const options = { domain: "acme", api_key: apiKey, base_url: url };
const { source } = await openEntry(connector, options, { clock: systemClock });
let cursor: string | undefined;

/** One run: its episodes, pages and requests, and the most memory that the process had behind a page. */
async function run(onPage: (page: Page) => void = () => undefined) {
  const before = await requestsSoFar();
  const startedMs = performance.now();
  let [episodes, pages, peakBytes] = [0, 0, 0];
  for await (const page of source.pages(cursor, new AbortController().signal)) {
    onPage(page);
    episodes += page.episodes.length;
    pages += 1;
    cursor = page.cursor ?? cursor;
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }
  return {
    episodes,
    pages,
    peakBytes,
    requests: (await requestsSoFar()) - before,
    seconds: (performance.now() - startedMs) / 1_000,
  };
}

const idleBytes = process.memoryUsage.rss();
// One bit for each marker would do; tickets are counted by their number, and replies by how many there are of each.
const seen = new Uint16Array(tickets + 1);
const first = await run(({ episodes }) => {
  for (const { text } of episodes) {
    const ticket = Number(/marker:(\d+):\d+/.exec(text)?.[1] ?? 0);
    seen[ticket] = (seen[ticket] ?? 0) + 1;
  }
});
const incomplete = seen.subarray(1).filter((count) => count < 1 + replies).length;
console.log(
  `first sync  ${first.episodes} episodes in ${first.pages} pages and ${first.seconds.toFixed(0)} s, ${incomplete} tickets incomplete`,
);
console.log(`            ${first.requests} requests; the fewest are ${Math.ceil(tickets / 100) + tickets}, and the names`);
console.log(
  `memory      ${(idleBytes / mebibyte).toFixed(0)} MiB before, at most +${((first.peakBytes - idleBytes) / mebibyte).toFixed(0)} MiB`,
);
const idle = await run();
console.log(`idle run    ${idle.episodes} episodes, ${idle.requests} requests`);
for (let change = 1; change <= 28; change += 1) await call("addConversation", change);
const changed = await run();
console.log(`28 replies  ${changed.episodes} episodes, ${changed.requests} requests`);
child.stdin.end();
