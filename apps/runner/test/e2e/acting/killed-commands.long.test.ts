import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { configName, makeWorkspace } from "../workspace.ts";
import { statePlaces } from "./state-places.ts";

const connector = new URL("./counting-connector.ts", import.meta.url).href;
const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = 4;

describe.each(statePlaces)(`a command that is killed at any moment, on $kind (TEST_SEED=${seed})`, (place) => {
  it("leaves the old cursor or the new one, and the new one can be undone", async (test) => {
    const random = seededRandom(seed);
    const workspace = makeWorkspace(test);
    await workspace.write("counting.mjs", `export { connector } from ${JSON.stringify(connector)};\n`);
    const state = await place.start(test);
    await workspace.write(
      configName,
      `
[statewave]
url = "file:./episodes.jsonl"

[runner]
state_dir = "./state"

[runner.state]
${state}

[connectors]
counting = "./counting.mjs"

[[pull.counting]]
name = "all"
schedule = "0 0 1 1 *"
`,
    );
    const source = "counting/all";
    const cursor = async () => (await workspace.command("state", "get", source)).stdout.trim();
    const startedMs = performance.now();
    expect((await workspace.command("state", "seed", source, "--since", "2025-01-01", "--yes")).code).toBe(0);
    const wholeMs = performance.now() - startedMs;
    let [before, changes] = [await cursor(), 1];
    for (let kill = 1; kill <= kills; kill += 1) {
      const since = `2025-02-${String(kill).padStart(2, "0")}`;
      const command = workspace.launch(["state", "seed", source, "--since", since, "--yes"]);
      await pause(wholeMs * (0.5 + random() * 0.6));
      await command.kill();
      const after = await cursor();
      const isNew = after.includes(since);
      expect({ kill, after: isNew ? since : after }).toEqual({ kill, after: isNew ? since : before });
      if (isNew) changes += 1;
      before = after;
    }
    // A change that was noted and not made restores what is there.
    const history = await workspace.jsonLines("state", "history", source, "--json");
    expect(history.length).toBeGreaterThanOrEqual(changes);
    const latest = history.find((change) => change["before"] !== before);
    // On a server the lease of a killed command lapses after 30 s.
    const undone = async () =>
      (await workspace.command("state", "undo", source, "--to", String(latest?.["change"]), "--yes")).code;
    const endMs = performance.now() + 60_000;
    let code = await undone();
    while (code !== 0 && performance.now() < endMs) {
      await pause(1_000);
      code = await undone();
    }
    expect(code).toBe(0);
    expect(await cursor()).toBe(latest?.["before"] ?? "");
  });
});
