import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { configName, configText } from "../workspace.ts";
import { makeWorld } from "../world.ts";
import { statePlaces } from "./state-places.ts";

describe.each(statePlaces)("dead letters on $kind", (place) => {
  it.for([{ running: true }, { running: false }])(
    "are chosen by reason, kind and time, edited, retried and discarded (runner running: $running)",
    async ({ running }, test) => {
      const world = await makeWorld(test);
      const { workspace, statewave } = world;
      const text = configText({ statewaveUrl: statewave.url });
      await workspace.write(configName, text.replace('kind = "file"', await place.start(test)));
      await world.writeDocuments(4);
      statewave.setFaults([1, 2, 3].map((number) => ({ type: "refuse", marker: `mark:doc-00000${number}`, as: "422" })));
      const runner = await workspace.run();
      const list = (...args: readonly string[]) => workspace.jsonLines("dead-letters", "list", "--json", ...args);
      await until("three are buried", async () => (await list()).length === 3);
      if (!running) await runner.terminate();
      statewave.setFaults([]);

      expect(await list("--kind", "markdown")).toHaveLength(3);
      expect(await list("--kind", "markdown.document.updated", "--reason", "NO SUCH TEXT")).toEqual([]);
      expect(await list("--since", "1h")).toHaveLength(3);
      expect(await list("--until", "1h")).toEqual([]);
      expect(await list("--kind", "slack")).toEqual([]);
      expect(await workspace.command("dead-letters", "list", "--since", "yesterday")).toMatchObject({ code: 2 });

      const [first, second] = (await list()).map(({ key }) => String(key));
      const refused = await workspace.command("dead-letters", "discard", "--all", "--reason", "no such text");
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("discard 0 dead letters") });
      expect(await list()).toHaveLength(3);

      const printed = await workspace.command("dead-letters", "edit", first!, "--print");
      const episode = JSON.parse(printed.stdout) as { readonly text: string };
      writeFileSync(workspace.path("edited.json"), JSON.stringify({ ...episode, text: `${episode.text} And mended.` }));
      expect(await workspace.command("dead-letters", "edit", first!, "--file", "edited.json")).toMatchObject({ code: 2 });
      const both = await Promise.all(
        [1, 2].map(() => workspace.command("dead-letters", "edit", first!, "--file", "edited.json", "--yes")),
      );
      expect(both.map(({ code }) => code).toSorted((a, b) => Number(a) - Number(b))[0]).toBe(0);
      expect(await list()).toHaveLength(2);
      expect(await workspace.command("dead-letters", "retry", second!, "--yes", "--json")).toMatchObject({
        code: 0,
        stdout: '{"requeued":1,"delivered":0,"kept":[]}\n',
      });
      expect(await workspace.command("dead-letters", "discard", "--all", "--kind", "markdown", "--yes")).toMatchObject({
        code: 0,
        stdout: "1 discarded\n",
      });
      const last = running ? runner : await workspace.run();
      await until("the edited and the retried one are delivered", () => statewave.stats().stored === 3);
      const texts = statewave.episodes.map(({ payload }) => String(Reflect.get(payload, "text")));
      expect(texts.filter((each) => each.includes("And mended."))).toHaveLength(1);
      expect(await last.terminate()).toMatchObject({ code: 0 });
    },
  );
});
