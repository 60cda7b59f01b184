/**
 * The first sync of a Gmail mailbox, through the built program, against a Gmail that counts quota units:
 * node --conditions=@statewave-connectors/source bench/gmail.ts [messages]
 *
 * The fake and a fake Statewave in processes of their own, file state. The limit of units a minute is out of the way: Gmail's own pace, which
 * `packages/connector-gmail/bench/first-sync.ts` keeps on a clock that jumps, would take hours. Prints what the sync took of the fewest units
 * that the API allows, its time, and how much memory it needed over the idle process, for a tenth of the messages and for all of them.
 * Fails when a message is missing, or when it took more than 1.1 of the fewest units.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { startRunner, startStatewave } from "./lib/runner-process.ts";
import { watchMemory } from "./lib/watch-memory.ts";

const messages = Number(process.argv[2] ?? 50_000);
const plenty = 10_000_000;
const mostOverFewest = 1.1;
const fakeGoogle = fileURLToPath(import.meta.resolve("@statewave-connectors/connector-gmail/testing/main"));

/** What the fake process prints of itself. */
interface FakeEntry {
  readonly url: string;
  readonly entry: Readonly<Record<string, string>>;
}

async function startGoogle(mails: number) {
  const args = ["--conditions=@statewave-connectors/source", fakeGoogle, "--mails", String(mails)];
  const limit = ["--units-per-minute", String(plenty), "--until-stdin-ends"];
  const child = spawn(process.execPath, [...args, ...limit], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, entry } = JSON.parse(line) as FakeEntry;
  const stats = async () => {
    const headers = { "content-type": "application/json" };
    return (await (await fetch(`${url}/_fake/stats`, { method: "POST", headers, body: "[]" })).json()) as {
      readonly units: number;
    };
  };
  return { entry, units: async () => (await stats()).units, stop: () => child.stdin.end() };
}

/** A first sync of so many messages. */
async function sync(mails: number): Promise<void> {
  const google = await startGoogle(mails);
  const statewave = await startStatewave(0);
  const options = Object.entries({ ...google.entry, units_per_minute: plenty });
  const entry = options.map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join("\n");
  const runner = await startRunner({
    quiet: true,
    toml: `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${statewave.url}"\n\n[[pull.gmail]]\nname = "inbox"\nschedule = "0 0 1 1 *"\n${entry}\n`,
  });
  const stopWatching = await watchMemory(runner);
  const startedMs = performance.now();
  const lines = (await runner.command("sync", "gmail/inbox", "--json")).trim().split("\n");
  const seconds = (performance.now() - startedMs) / 1_000;
  const { idleMebibytes, overMebibytes } = await stopWatching();
  const { episodes } = JSON.parse(lines.at(-1) ?? "{}") as { readonly episodes: number };
  const units = await google.units();
  const fewest = Math.ceil(mails / 500) * 5 + mails * 20;
  console.log(`first sync  ${episodes} of ${mails} messages in ${seconds.toFixed(0)} s (${(episodes / seconds).toFixed(0)}/s)`);
  console.log(`units       ${units}, ${(units / fewest).toFixed(4)} of the fewest`);
  if (episodes !== mails || units > mostOverFewest * fewest) process.exitCode = 1;
  console.log(`memory      idle ${idleMebibytes.toFixed(0)} MiB, peak +${overMebibytes.toFixed(0)} MiB`);
  await runner.stop();
  await statewave.stop();
  google.stop();
}

console.log(describeMachine());
await sync(Math.ceil(messages / 10));
await sync(messages);
