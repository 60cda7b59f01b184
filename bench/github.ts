/**
 * The first sync of a repository and the runs after it, through the built program:
 * node --conditions=@statewave-connectors/source bench/github.ts [issues] [comments] [node arguments]
 *
 * File state, a fake GitHub and a fake Statewave in processes of their own. Prints whether every episode that the repository proves arrived,
 * how fast, how many requests each run took, and how much memory the first sync needed over the idle process.
 */
import { describeMachine } from "./lib/machine.ts";
import { startGithub, startRunner, startStatewave } from "./lib/runner-process.ts";
import { watchMemory } from "./lib/watch-memory.ts";

const issues = Number(process.argv[2] ?? 10_000);
const comments = Number(process.argv[3] ?? 20_000);
/** For trying V8's settings: passed to the program's node. */
const nodeArgs = process.argv.slice(4);

console.log(describeMachine());
const [github, statewave] = await Promise.all([startGithub(issues, comments), startStatewave(0)]);
const runner = await startRunner({
  nodeArgs,
  toml: `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${statewave.url}"\n\n[[pull.github]]\nname = "widgets"\nschedule = "0 0 1 1 *"\nrepo = "acme/widgets"\ntoken = "fake-token"\nbase_url = "${github.url}"\ninclude_bots = true\n`,
});

/** How many requests, and how many of each status. */
function describeRequests({ log }: { readonly log?: readonly string[] }): string {
  const statuses = Object.entries(Object.groupBy(log ?? [], (line) => line.slice(line.lastIndexOf(" ") + 1)));
  return `${log?.length} requests (${statuses.map(([status, lines]) => `${lines?.length} x ${status}`).join(", ")})`;
}

async function ask(path: string, ...args: readonly unknown[]): Promise<Record<string, never>> {
  const init = args.length === 0 ? {} : { method: "POST", body: JSON.stringify(args) };
  const response = await fetch(`${github.url}/_fake/${path}`, init);
  const text = await response.text();
  return text === "" ? {} : (JSON.parse(text) as Record<string, never>);
}

/** One run, and the requests that GitHub saw of it. */
async function tick(): Promise<{ episodes: number; seconds: number; requests: string }> {
  await ask("forget");
  const startedMs = performance.now();
  const lines = (await runner.command("sync", "github/widgets", "--json")).trim().split("\n");
  const seconds = (performance.now() - startedMs) / 1000;
  const { episodes } = JSON.parse(lines.at(-1) ?? "{}") as { episodes: number };
  return { episodes, seconds, requests: describeRequests(await ask("stats")) };
}

const stopWatching = await watchMemory(runner);
const expected = Object.values<number>(await ask("expected")).reduce((sum, count) => sum + count, 0);
const first = await tick();
const { idleMebibytes, overMebibytes } = await stopWatching();
const rate = (first.episodes / first.seconds).toFixed(0);
console.log(
  `first sync    ${first.episodes} of ${expected} episodes in ${first.seconds.toFixed(1)} s (${rate}/s, start of the command included)`,
);
console.log(`              ${first.requests}`);
console.log(`memory        idle ${idleMebibytes.toFixed(0)} MiB, peak +${overMebibytes.toFixed(0)} MiB`);
const idle = await tick();
console.log(`idle tick     ${idle.episodes} episodes, ${idle.requests}`);
for (let change = 0; change < 28; change += 1) await ask("editIssue", change + 1);
const changed = await tick();
console.log(`28 edits      ${changed.episodes} episodes, ${changed.requests}`);
await runner.stop();
await Promise.all([github.stop(), statewave.stop()]);
