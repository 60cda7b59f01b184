/**
 * The first sync of a support desk, through the built program:
 * node --conditions=@statewave-connectors/source bench/desks.ts [tickets] [zendesk|freshdesk|intercom…]
 *
 * The fake and a fake Statewave in processes of their own, file state. Limits of requests are out of the way where the fake alone keeps them;
 * Intercom's is the connector's own, so that 100,000 conversations take ten minutes. Prints for a tenth of the tickets and for all of them, each
 * with three comments, whether every episode came, the requests against the fewest that the API allows, and the memory over the idle process;
 * then what a run without news requests. Fails where an episode is missing, above 80 MiB, and with all tickets above 1.05 of the requests.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { type RunnerProcess, startRunner, startStatewave } from "./lib/runner-process.ts";
import { watchMemory } from "./lib/watch-memory.ts";

const most = Number(process.argv[2] ?? 100_000);
const chosen = process.argv.slice(3);
const comments = 3;
const mostOverMebibytes = 80;
const mostOverFewest = 1.05;

/** What a fake prints of itself. */
interface FakeFacts {
  readonly url: string;
  /** The options of an entry that reads it. */
  readonly entry: Readonly<Record<string, unknown>>;
}

interface Desk {
  readonly kind: string;
  /** The program of its fake. */
  readonly fake: string;
  readonly fakeOptions: (tickets: number) => Readonly<Record<string, number>>;
  /** Besides those that the fake prints. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of a first sync: episodes, and the fewest requests that bring them. */
  readonly expected: (tickets: number) => { readonly episodes: number; readonly requests: number };
}

const unlimited = 1_000_000_000;
const pagesOf = (rows: number, size: number) => Math.ceil(rows / size);

const desks: readonly Desk[] = [
  {
    kind: "zendesk",
    fake: import.meta.resolve("@statewave-connectors/connector-zendesk/testing/main"),
    fakeOptions: (tickets) => ({ tickets, "comments-per-ticket": comments, "exports-per-minute": unlimited }),
    options: { exports_per_minute: 1_000 },
    // Every second one is solved. Each page of either export has 1,000 rows.
    expected: (tickets) => {
      const episodes = tickets * (1 + comments) + pagesOf(tickets, 2);
      return { episodes, requests: pagesOf(tickets, 1_000) + pagesOf(episodes, 1_000) };
    },
  },
  {
    kind: "freshdesk",
    fake: import.meta.resolve("@statewave-connectors/connector-freshdesk/testing/main"),
    fakeOptions: (tickets) => ({ tickets, replies: comments }),
    // Pages of 100 tickets, the conversations of each, the ratings, and the lists of agents and of companies.
    expected: (tickets) => ({ episodes: tickets * (1 + comments), requests: pagesOf(tickets, 100) + tickets + 3 }),
  },
  {
    kind: "intercom",
    fake: import.meta.resolve("@statewave-connectors/connector-intercom/testing/main"),
    fakeOptions: (tickets) => ({ conversations: tickets, comments, limit: unlimited }),
    // Every second one is closed. Pages of 150 conversations, each conversation, and whose token it is.
    expected: (tickets) => ({
      episodes: tickets * (1 + comments) + pagesOf(tickets, 2),
      requests: pagesOf(tickets, 150) + tickets + 1,
    }),
  },
];

async function startFake({ fake, fakeOptions }: Desk, tickets: number) {
  const options = Object.entries(fakeOptions(tickets)).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = ["--conditions=@statewave-connectors/source", fileURLToPath(fake), ...options, "--until-stdin-ends"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, entry } = JSON.parse(line) as FakeFacts;
  const requests = async () => ((await (await fetch(`${url}/__fake__/stats`)).json()) as { requests: number }).requests;
  return { entry, requests, stop: () => child.stdin.end() };
}

/** One run of the entry: its episodes and how long it took. */
async function run(runner: RunnerProcess, kind: string) {
  const startedMs = performance.now();
  const lines = (await runner.command("sync", `${kind}/support`, "--json")).trim().split("\n");
  const { episodes } = JSON.parse(lines.at(-1) ?? "{}") as { readonly episodes: number };
  return { episodes, seconds: (performance.now() - startedMs) / 1_000 };
}

async function sync(desk: Desk, tickets: number): Promise<void> {
  const fake = await startFake(desk, tickets);
  const statewave = await startStatewave(0);
  const options = Object.entries({ ...fake.entry, ...desk.options }).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const runner = await startRunner({
    quiet: true,
    toml: `[runner.state]\nkind = "file"\n\n[statewave]\nurl = "${statewave.url}"\n\n[[pull.${desk.kind}]]\nname = "support"\nschedule = "0 0 1 1 *"\n${options.join("\n")}\n`,
  });
  const stopWatching = await watchMemory(runner);
  const { episodes, seconds } = await run(runner, desk.kind);
  const { idleMebibytes, overMebibytes } = await stopWatching();
  const requests = await fake.requests();
  const expected = desk.expected(tickets);
  console.log(
    `${desk.kind.padEnd(10)} ${episodes} of ${expected.episodes} episodes of ${tickets} tickets in ${seconds.toFixed(0)} s (${(episodes / seconds).toFixed(0)}/s)`,
  );
  console.log(`           ${requests} requests, ${(requests / expected.requests).toFixed(3)} of the fewest`);
  console.log(`           idle ${idleMebibytes.toFixed(0)} MiB, at most +${overMebibytes.toFixed(0)} MiB`);
  const again = await run(runner, desk.kind);
  console.log(`           without news: ${again.episodes} episodes, ${(await fake.requests()) - requests} requests`);
  const isWell =
    episodes === expected.episodes &&
    // Of few tickets the names are a larger share.
    (tickets < most || requests <= expected.requests * mostOverFewest) &&
    overMebibytes <= mostOverMebibytes &&
    again.episodes === 0;
  if (!isWell) process.exitCode = 1;
  await runner.stop();
  await statewave.stop();
  fake.stop();
}

console.log(describeMachine());
for (const desk of desks.filter(({ kind }) => chosen.length === 0 || chosen.includes(kind))) {
  await sync(desk, Math.ceil(most / 10));
  await sync(desk, most);
}
