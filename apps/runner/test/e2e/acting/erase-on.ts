import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, it } from "vitest";
import { slackBody, slackHeaders } from "../slack-sender.ts";
import { until } from "../until.ts";
import { configName, configText, slackSecret } from "../workspace.ts";
import { makeWorld } from "../world.ts";
import type { StatePlace } from "./state-places.ts";

/** What a message in a channel of the workspace T0E2E is about. */
const team = "team:T0E2E";
const other = `
[[push.slack]]
name = "ben"
subject = "user:ben"
signing_secret = "${slackSecret}"
`;

/** Sends a message that says `text` to a receiver. */
async function post(url: string, name: string, number: number, text: string): Promise<number> {
  const body = slackBody(number, text);
  const response = await fetch(`${url}/slack/${name}/events`, { method: "POST", headers: slackHeaders(body), body });
  await response.arrayBuffer();
  return response.status;
}

/** Whether a file of the state holds a text. */
function holds(folder: string, text: string): boolean {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.some(({ parentPath, name }) => readFileSync(`${parentPath}/${name}`).includes(text));
}

/** The cases of `erase` on one kind of state. */
export function eraseCases(place: StatePlace): void {
  it.for([{ running: true }, { running: false }])(
    "removes a subject from all that is stored, keeps the others, and can be repeated (runner running: $running)",
    async ({ running }, test) => {
      const world = await makeWorld(test);
      const { workspace, statewave } = world;
      const text = configText({ statewaveUrl: statewave.url, entries: other }).replace("every 1s", "0 0 1 1 *");
      await workspace.write(configName, text.replace('kind = "file"', await place.start(test)));
      statewave.setFaults([{ type: "refuse", marker: "never-taken", as: "422" }]);
      const runner = await workspace.run();
      const url = await runner.listening();
      const list = (what: string) => workspace.jsonLines(what, "list", "--json");
      expect(await post(url, "team", 1, "never-taken secret-of-ada 1")).toBe(200);
      await until("one is buried", async () => (await list("dead-letters")).length === 1);
      statewave.setFaults([{ type: "status", status: 503 }]);
      for (const number of [2, 3, 4]) expect(await post(url, "team", number, `secret-of-ada ${number}`)).toBe(200);
      expect(await post(url, "ben", 5, "word-of-ben")).toBe(200);
      await until("all of them wait", async () => (await list("inbox")).length === 4);
      await until("the sink is down", async () => (await runner.readiness()).body["sink"] !== undefined);
      if (!running) await runner.terminate();

      const question = await workspace.command("erase", team);
      expect(question).toMatchObject({ code: 2, stdout: "" });
      expect(question.stderr).toContain(`erase ${team}: 3 waiting items, 1 dead letter`);
      expect(await list("inbox")).toHaveLength(4);

      const erase = () => workspace.command("erase", team, "--yes", "--json");
      // Without a runner each opens a file by itself, and one waits in vain while the other holds it.
      const both = running || place.kind !== "file" ? await Promise.all([erase(), erase()]) : [await erase(), await erase()];
      const answers = both.map(({ code, stdout, stderr }) => {
        expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
        return JSON.parse(stdout) as { erased: { waiting: number; dead_letters: number }; left: object };
      });
      const sum = (of: "waiting" | "dead_letters") => answers.reduce((total, { erased }) => total + erased[of], 0);
      expect([sum("waiting"), sum("dead_letters")]).toEqual([3, 1]);
      expect(answers[1]?.left).toMatchObject({ in_delivery: 0, undecided: 0, cursors: [], entries: [] });
      expect(await list("dead-letters")).toEqual([]);
      expect(await list("inbox")).toMatchObject([{ source: "slack/ben" }]);
      const actions = await workspace.jsonLines("audit", "--json");
      expect(actions[0]).toMatchObject({ command: "erase", targets: [expect.stringMatching(/^sha256:[0-9a-f]{16}$/)] });
      expect(JSON.stringify(actions)).not.toContain("T0E2E");
      if (place.kind === "file")
        await until("no file of the state holds it", async () => !holds(workspace.path("state"), "secret-of-ada"));

      statewave.setFaults([]);
      const last = running ? runner : await workspace.run();
      if (running) await last.terminate();
      const final = running ? await workspace.run() : last;
      // The provider's next copy is a duplicate.
      expect(await post(await final.listening(), "team", 2, "secret-of-ada 2")).toBe(200);
      await until("the other one is delivered", () => statewave.episodes.length > 0);
      expect(statewave.episodes.map(({ subject_id: subject }) => subject)).toEqual(["user:ben"]);
      const deleted = await workspace.command("erase", "user:ben", "--in-statewave", "--yes");
      expect(deleted.stdout).toMatch(/^user:ben: .* erased\nStatewave deleted 1 episode and 0 memories\n$/);
      expect(deleted.stderr).toBe("push:slack/ben deliver under it again: pause or remove them\n");
      expect(statewave.episodes).toEqual([]);
    },
  );
}

/** A command that is killed, on one kind of state. */
export function killedEraseCase(place: StatePlace, seed: number): void {
  it("is completed by the next one when it is killed at any moment", async (test) => {
    const random = seededRandom(seed);
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    const text = configText({ statewaveUrl: statewave.url }).replace("every 1s", "0 0 1 1 *");
    await workspace.write(configName, text.replace('kind = "file"', await place.start(test)));
    statewave.setFaults([{ type: "status", status: 503 }]);
    const runner = await workspace.run();
    const url = await runner.listening();
    for (let number = 0; number < 60; number += 1) expect(await post(url, "team", number, `word ${number}`)).toBe(200);
    await runner.terminate();
    const startedMs = performance.now();
    expect((await workspace.command("erase", "user:nobody", "--yes")).code).toBe(0);
    const wholeMs = performance.now() - startedMs;
    for (let kill = 0; kill < 5; kill += 1) {
      const command = workspace.launch(["erase", team, "--yes"]);
      await pause(wholeMs * (0.5 + random() * 0.7));
      await command.kill();
    }
    await until("the rest is erased", async () => (await workspace.command("erase", team, "--yes")).code === 0);
    expect(await workspace.jsonLines("inbox", "list", "--json")).toEqual([]);
    expect(statewave.episodes).toEqual([]);
  });
}
