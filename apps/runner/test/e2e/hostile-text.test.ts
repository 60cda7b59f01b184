import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { until, within } from "./until.ts";
import type { Ending } from "./workspace.ts";
import { makeWorld } from "./world.ts";

interface HostileGithub {
  readonly url: string;
  /** Resolves when the hostile answer has been sent. */
  readonly answered: Promise<void>;
}

/** A GitHub whose every list carries a Link header of the attacker's making, and whose organization holds a repository so named. */
async function startHostileGithub({ onTestFinished }: Ending, link: string, name = "widgets"): Promise<HostileGithub> {
  const answered = Promise.withResolvers<void>();
  const repository = { id: 4711, full_name: `acme/${name}`, html_url: "https://github.com/acme/widgets", has_issues: true };
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?", 1)[0]!;
    const isList = path !== "/repos/acme/widgets";
    const body = path === "/orgs/acme/repos" ? [repository] : isList ? [] : repository;
    response.writeHead(200, { "content-type": "application/json", ...(isList ? { link } : {}) });
    response.end(JSON.stringify(body), () => (isList ? answered.resolve() : undefined));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answered: answered.promise };
}

const githubEntry = (url: string, names: string) =>
  `[[pull.github]]\nname = "hostile"\nschedule = "every 1s"\nbase_url = "${url}"\n${names}\n`;

/** What `/healthz` answers once the hostile text has been sent; the run that read it must end, too. */
async function healthAfter(runner: RunnerProcess, provoked: Promise<void>): Promise<number> {
  const url = await runner.listening();
  await within("the hostile answer is requested", provoked);
  const health = await within("/healthz answers", fetch(`${url}/healthz`));
  await until("a run ends", async () => sumOf(await runner.metrics(), "statewave_runner_pull_ticks_total", 'kind="github"') > 0);
  return health.status;
}

/** Words that a backtracking parser tries in every combination before it fails at the stray quote. */
const tangled = (length: number) => {
  const part = Math.floor(length / 25);
  return `<https://api.example/2>${";rel=".repeat(part)}${" next".repeat(part)}${"\t".repeat(part * 15)}!"x`;
};

describe.concurrent("a provider's text cannot stop the process", () => {
  it.for([
    ["2.5 KB of tangled relations", tangled(2_500)],
    ["12 KB of tangled relations", tangled(12_000)],
    ["12 KB of unclosed quotes", `<https://api.example/2>; rel="${' next \\"'.repeat(1_500)}`],
    ["12 KB of unclosed brackets", `${"<".repeat(12_000)}; rel=next`],
  ] as const)("a Link header: %s", async ([, link], test) => {
    const github = await startHostileGithub(test, link);
    const names = 'repo = "acme/widgets"\ninclude = ["issues", "comments"]';
    const world = await makeWorld(test, { entries: githubEntry(github.url, names) });
    expect(await healthAfter(await world.workspace.run(), github.answered)).toBe(200);
  });

  it("the name of a repository, against a pattern of many stars", async (test) => {
    const github = await startHostileGithub(test, "", `${"-a".repeat(20_000)}!`);
    const names = 'org = "acme"\ninclude_repos = ["*-*-*-*-api"]';
    const world = await makeWorld(test, { entries: githubEntry(github.url, names) });
    expect(await healthAfter(await world.workspace.run(), github.answered)).toBe(200);
  });

  it("messages and documents of 200 KB, which arrive", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    const knots = [
      "<".repeat(200_000),
      "<@U|".repeat(50_000),
      "&amp".repeat(50_000),
      "*_~`".repeat(50_000),
      "a://a:".repeat(33_000),
    ];
    for (const [number, knot] of knots.entries()) {
      const body = slackBody(number + 1, knot);
      const answer = await fetch(url + slackPath, { method: "POST", headers: slackHeaders(body), body });
      expect(answer.status).toBe(200);
      await world.workspace.write(
        `docs/knot-${number}.md`,
        `---\ntitle: ${" #".repeat(8_000)}\n---\n# ${" #".repeat(900)}\n${knot}`,
      );
    }
    await until("all have arrived", () => world.statewave.episodes.length >= 2 * knots.length);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
