/**
 * A first sync, and the runs after it, against a fake Gmail in a process of its own:
 * node --conditions=@statewave-connectors/source packages/connector-gmail/bench/first-sync.ts [mails]
 *
 * Prints whether every mail came, how many quota units it took, and how much memory the reading needed over the idle process. Fails when a mail
 * is missing or came twice, or when it took more than 1.1 of the fewest units.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openEntry } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";

const mails = Number(process.argv[2] ?? 50_000);
const mebibyte = 1024 * 1024;
const mostOverFewest = 1.1;

const main = fileURLToPath(new URL("../src/testing/main.ts", import.meta.url));
const child = spawn(
  process.execPath,
  ["--conditions=@statewave-connectors/source", main, "--mails", String(mails), "--until-stdin-ends"],
  {
    stdio: ["pipe", "pipe", "inherit"],
  },
);
const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
const { url, entry } = JSON.parse(line) as { readonly url: string; readonly entry: Readonly<Record<string, string>> };

async function call(method: string, ...args: readonly unknown[]): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/_fake/${method}`, { method: "POST", headers, body: JSON.stringify(args) });
  const text = await response.text();
  return method === "stats" ? JSON.parse(text) : text;
}

const unitsSoFar = async () => ((await call("stats")) as { readonly units: number }).units;
// The clock jumps to where each limit ends, so that a first sync of hours takes minutes.
const clock = new FakeClock(Date.now());
const { source } = await openEntry(connector, entry, { clock });
let cursor: string | undefined;

/** Runs that resume each other until one reads to the end. */
async function readAll(onText: (text: string) => void = () => undefined) {
  const unitsBefore = await unitsSoFar();
  const [startedMs, startedAtMs] = [performance.now(), clock.now()];
  let [episodes, peakBytes] = [0, 0];
  for (;;) {
    try {
      for await (const page of source.pages(cursor, new AbortController().signal)) {
        for (const { text } of page.episodes) onText(text);
        episodes += page.episodes.length;
        cursor = page.cursor ?? cursor;
        peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      }
      break;
    } catch (error) {
      const retryAtMs: unknown = Reflect.get(Object(error), "retryAtMs");
      if (typeof retryAtMs !== "number") throw error;
      clock.set(retryAtMs);
    }
  }
  const units = (await unitsSoFar()) - unitsBefore;
  return {
    episodes,
    peakBytes,
    units,
    seconds: (performance.now() - startedMs) / 1_000,
    minutes: (clock.now() - startedAtMs) / 60_000,
  };
}

const idleBytes = process.memoryUsage.rss();
const seen = new Uint8Array(mails + 1);
const first = await readAll((text) => {
  const number = Number(/marker:(\d+)/.exec(text)?.[1] ?? 0);
  seen[number] = (seen[number] ?? 0) + 1;
});
const exactlyOnce = seen.subarray(1).filter((count) => count === 1).length;
const fewest = Math.ceil(mails / 500) * 5 + mails * 20;
console.log(
  `first sync  ${first.episodes} episodes, ${exactlyOnce} of ${mails} mails exactly once, in ${first.seconds.toFixed(0)} s`,
);
console.log(
  `            ${first.units} units, ${(first.units / fewest).toFixed(4)} of the fewest; ${first.minutes.toFixed(0)} minutes at Gmail's pace`,
);
if (exactlyOnce !== mails || first.episodes !== mails || first.units > mostOverFewest * fewest) process.exitCode = 1;
console.log(
  `memory      ${(idleBytes / mebibyte).toFixed(0)} MiB before, at most +${((first.peakBytes - idleBytes) / mebibyte).toFixed(0)} MiB`,
);
const idle = await readAll();
console.log(`idle run    ${idle.episodes} episodes, ${idle.units} units`);
for (let count = 0; count < 28; count += 1) await call("receive", {});
const later = await readAll();
console.log(`28 mails    ${later.episodes} episodes, ${later.units} units`);
child.stdin.end();
