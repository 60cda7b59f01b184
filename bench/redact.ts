/**
 * What redaction costs: node --conditions=@statewave-connectors/source bench/redact.ts [pairs] [measure…]
 *
 * `text`: nanoseconds a character for prose, and how much longer 64 KB of hostile text take than 16 KB (4 times is
 * linear). `delivery`: a first GitHub sync of 3,000 issues and 6,000 comments with every rule against one without, in turn;
 * prints the medians of the ratios of episodes a second, and of processor time, which other programs disturb less, pair by pair.
 * Ends with 1 when hostile text takes over 5 times, or delivery is below 0.9.
 */
import { builtInRules, openRedactor } from "@statewave-connectors/redact";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";
import { startGithub, startRunner, startStatewave } from "./lib/runner-process.ts";

const pairs = Number(process.argv[2] ?? 9);
const chosen = process.argv.length > 3 ? process.argv.slice(3) : ["text", "delivery"];
/** Of what 16 KB take, and of what is delivered without. */
const mostOfQuarter = 5;
const leastDelivery = 0.9;
const prose =
  "alice commented on acme/widgets#42: the gasket leaks when the pressure is over two bar, see docs/gasket.md (page 7). ";
const hostile = [
  "a@",
  "a@b.",
  "a://b:",
  "token=",
  'password="',
  "-----BEGIN RSA PRIVATE KEY-----",
  "xoxb-",
  "sk-",
  "eyJ",
  "+49 ",
  "1 ",
  "４",
];

async function measureText(): Promise<void> {
  const redactor = await openRedactor({ builtIn: builtInRules });
  const own = await openRedactor({ builtIn: [], own: [{ name: "far", pattern: "foo(.*bar)?" }] });
  const cpuMs = (text: string, by = redactor, rounds = 40): number => {
    const runs = Array.from({ length: 9 }, () => {
      const before = process.cpuUsage();
      for (let round = 0; round < rounds; round += 1) by.redact(text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000 / rounds;
    });
    return median(runs);
  };
  const long = prose.repeat(600);
  cpuMs(long);
  console.log(`prose     ${((cpuMs(long) * 1e6) / long.length).toFixed(2)} ns a character`);
  for (const piece of hostile) report(JSON.stringify(piece), cpuMs(textOf(piece, 16)), cpuMs(textOf(piece, 64)));
  // A search of this pattern looks at the rest of the text, and the text has thousands of matches.
  const [small, large] = [16, 64].map((kib) => cpuMs(textOf("foo ", kib), own, 1));
  report("own rule foo(.*bar)?", small!, large!);
}

function textOf(piece: string, kib: number): string {
  return piece.repeat(Math.ceil((kib * 1024) / piece.length));
}

function report(what: string, smallMs: number, largeMs: number): void {
  const ratio = largeMs / smallMs;
  console.log(`${what.padEnd(36)} 64 KB take ${ratio.toFixed(1)} times what 16 KB take (${largeMs.toFixed(2)} ms)`);
  if (!(ratio <= mostOfQuarter)) process.exitCode = 1;
}

interface Delivered {
  readonly perSecond: number;
  /** Processor time of the program. */
  readonly cpuMs: number;
}

async function deliver(privacy: string): Promise<Delivered> {
  const [github, statewave] = await Promise.all([startGithub(3_000, 6_000), startStatewave(0)]);
  const source = `[[pull.github]]\nname = "widgets"\nschedule = "0 0 1 1 *"\nrepo = "acme/widgets"\ntoken = "fake-token"\nbase_url = "${github.url}"\n`;
  const toml = `[runner.state]\nkind = "file"\n[statewave]\nurl = "${statewave.url}"\n${privacy}${source}`;
  const runner = await startRunner({ toml, silent: true });
  const cpuBeforeMs = await runner.cpuMs();
  const startedMs = performance.now();
  await runner.command("sync", "github/widgets", "--json");
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuMs = (await runner.cpuMs()) - cpuBeforeMs;
  await runner.stop();
  await Promise.all([github.stop(), statewave.stop()]);
  return { perSecond: 9_000 / seconds, cpuMs };
}

async function measureDelivery(): Promise<void> {
  const every = `[privacy]\nredact = ${JSON.stringify(builtInRules)}\n`;
  const ratios: number[] = [];
  const costs: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    // The first of a pair meets a colder machine, so the order changes from pair to pair.
    const order = pair % 2 === 0 ? [every, ""] : ["", every];
    const delivered = new Map<string, Delivered>();
    for (const privacy of order) delivered.set(privacy, await deliver(privacy));
    const [redacted, plain] = [delivered.get(every)!, delivered.get("")!];
    ratios.push(redacted.perSecond / plain.perSecond);
    costs.push(redacted.cpuMs / plain.cpuMs);
  }
  console.log(
    `delivery  with every rule ${median(ratios).toFixed(3)} of without (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}, ${pairs} pairs)`,
  );
  console.log(
    `processor ${median(costs).toFixed(3)} of without (${Math.min(...costs).toFixed(3)} to ${Math.max(...costs).toFixed(3)})`,
  );
  if (!(median(ratios) >= leastDelivery)) process.exitCode = 1;
}

console.log(describeMachine());
if (chosen.includes("text")) await measureText();
if (chosen.includes("delivery")) await measureDelivery();
