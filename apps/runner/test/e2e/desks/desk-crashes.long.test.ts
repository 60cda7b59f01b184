import { describe, expect, it } from "vitest";
import { type CrashPoint, crashVariable } from "../crashing/crash-at.ts";
import { installCrashingAdapters } from "../crashing/install-crashing.ts";
import type { Exit } from "../runner-process.ts";
import { until } from "../until.ts";
import { makeWorld, type World } from "../world.ts";
import { type DeskFake, type StartDesk, startFreshdesk, startIntercom, startZendesk } from "./desk-fakes.ts";

/** When a process is killed: while it waits for an answer of a route, or at the checkpoint of a page. */
type Kill = { readonly awaiting: string; readonly after?: number } | { readonly at: CrashPoint };

interface DeskCase {
  readonly kind: string;
  readonly start: StartDesk;
  /** One process each, in this order; each resumes where the one before it was killed. */
  readonly kills: readonly Kill[];
  /** Routes of lists: behind a kill one page of a list is requested again. */
  readonly lists: readonly string[];
}

const atCheckpoints: readonly Kill[] = [{ at: "before-checkpoint" }, { at: "after-checkpoint" }, { at: "before-checkpoint" }];

const desks: readonly DeskCase[] = [
  {
    kind: "zendesk",
    start: startZendesk,
    kills: [
      { awaiting: "GET /api/v2/incremental/tickets/cursor.json" },
      { awaiting: "GET /api/v2/users/show_many.json" },
      ...atCheckpoints,
      { awaiting: "GET /api/v2/incremental/tickets/cursor.json", after: 1 },
      { awaiting: "GET /api/v2/incremental/ticket_events.json" },
      { awaiting: "GET /api/v2/tickets/show_many.json" },
      { awaiting: "GET /api/v2/brands.json" },
      ...atCheckpoints,
      { awaiting: "GET /api/v2/incremental/ticket_events.json", after: 2 },
    ],
    lists: ["GET /api/v2/incremental/tickets/cursor.json", "GET /api/v2/incremental/ticket_events.json"],
  },
  {
    kind: "freshdesk",
    start: startFreshdesk,
    kills: [
      { awaiting: "GET /api/v2/tickets" },
      { awaiting: "GET /api/v2/tickets/:id/conversations" },
      { awaiting: "GET /api/v2/agents" },
      { awaiting: "GET /api/v2/companies" },
      ...atCheckpoints,
      { awaiting: "GET /api/v2/tickets/:id/conversations", after: 33 },
      { awaiting: "GET /api/v2/tickets", after: 1 },
      { awaiting: "GET /api/v2/surveys/satisfaction_ratings" },
      ...atCheckpoints,
    ],
    lists: ["GET /api/v2/tickets", "GET /api/v2/surveys/satisfaction_ratings"],
  },
  {
    kind: "intercom",
    start: startIntercom,
    kills: [
      { awaiting: "GET /me" },
      { awaiting: "POST /conversations/search" },
      { awaiting: "GET /conversations/:id", after: 20 },
      ...atCheckpoints,
      { awaiting: "POST /conversations/search", after: 1 },
      { awaiting: "GET /contacts/:id" },
      { at: "before-checkpoint" },
    ],
    lists: ["POST /conversations/search"],
  },
];

/** Starts the program once more and kills it, as the machine would. Answers how it ended. */
async function runAndKill({ workspace }: World, { provider }: DeskFake, source: string, kill: Kill): Promise<Exit> {
  if ("at" in kill) return await workspace.launch(["sync", source], { [crashVariable]: `${kill.at}:1` }).exited;
  const { awaiting: on, after = 0 } = kill;
  provider.setFaults([{ type: "hang", on, after }]);
  const runner = workspace.launch(["sync", source]);
  await until(`a request ${on} waits`, () => {
    if (runner.hasExited) throw new Error(`it ended before it requested ${on}:\n${runner.stderr}${runner.stdout}`);
    return provider.stats().hanging > 0;
  });
  const exit = await runner.kill();
  await until("the connections of the dead process are gone", () => provider.stats().hanging === 0);
  provider.setFaults([]);
  return exit;
}

const keysOf = ({ statewave }: World) => statewave.episodes.map(({ idempotency_key: key }) => String(key)).toSorted();

describe.concurrent("a first sync that is killed at each kind of page", () => {
  it.for(desks)(
    "loses nothing of $kind, doubles nothing, and requests one page of a list again",
    async ({ kind, start, kills, lists }, test) => {
      const desk = await start(test);
      const { provider, episodes } = desk;
      const options = Object.entries(desk.options).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
      const entries = `[[pull.${kind}]]\nname = "support"\nschedule = "0 0 1 1 *"\n${options.join("\n")}\n`;
      const source = `${kind}/support`;
      const undisturbed = await makeWorld(test, { entries });
      expect(await undisturbed.workspace.command("sync", source)).toMatchObject({ code: 0 });
      expect(new Set(keysOf(undisturbed)).size).toBe(episodes);
      const fewest = provider.stats().routes;

      const world = await makeWorld(test, { state: "crashing", entries });
      await installCrashingAdapters(world.workspace);
      for (const kill of kills) expect(await runAndKill(world, desk, source, kill)).toEqual({ code: null, signal: "SIGKILL" });
      expect(await world.workspace.command("sync", source)).toMatchObject({ code: 0 });
      expect(keysOf(world)).toEqual(keysOf(undisturbed));
      for (const list of lists) {
        const requests = (provider.stats().routes[list] ?? 0) - (fewest[list] ?? 0);
        expect(requests, `requests ${list}`).toBeLessThanOrEqual((fewest[list] ?? 0) + kills.length);
      }
      expect(provider.refused).toEqual([]);
    },
  );
});
