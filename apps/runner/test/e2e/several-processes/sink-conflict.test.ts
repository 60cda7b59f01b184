import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { type Ending, configName, configText, makeWorkspace, type Workspace } from "../workspace.ts";
import { sharedStores, startStore } from "./shared-store.ts";

async function makeProcess(test: Ending, kind: string, storeUrl: string, statewaveUrl: string): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  const text = configText({ statewaveUrl, state: kind });
  await workspace.write(configName, text.replace(`kind = "${kind}"`, `kind = "${kind}"\nurl = "${storeUrl}"`));
  await workspace.write("docs/note.md", "# Note\n\nmark:doc stands.\n");
  return workspace;
}

async function startSink({ onTestFinished }: Ending) {
  const statewave = await startFakeStatewave();
  onTestFinished(() => statewave.close());
  return statewave;
}

describe.each(sharedStores)("processes that share $kind", (store) => {
  it("deliver to one sink: one with another refuses to start, naming both, until the first has stopped", async (test) => {
    const server = await startStore(test, store);
    const [old, next] = [await startSink(test), await startSink(test)];
    const first = await makeProcess(test, store.kind, server.url, old.url);
    const second = await makeProcess(test, store.kind, server.url, next.url);
    const running = await first.run();
    await until("the document arrives", () => old.episodes.length === 1);

    const refused = await second.command("run");
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toMatch(/^error: [^\n]+ \[STORE_SINK_CONFLICT\]\nhint: [^\n]+ after \d{4}-[^\n]+Z\n$/);
    expect(refused.stderr).toContain(old.url);
    expect(refused.stderr).toContain(next.url);
    expect((await second.command("sync", "markdown/docs")).stderr).toContain("[STORE_SINK_CONFLICT]");
    const sibling = await makeProcess(test, store.kind, server.url, `${old.url}/`);
    expect((await (await sibling.run()).terminate()).code).toBe(0);

    expect((await running.terminate()).code).toBe(0);
    const moved = await second.run();
    expect(await moved.logged("cursors belong to another sink: what they passed over is not sent to this one")).toMatchObject({
      sources: ["markdown/docs"],
    });
    expect((await second.command("state", "reset", "--all", "--yes")).code).toBe(0);
    await until("the document arrives at the new sink", () => next.episodes.length === 1);
    expect(old.episodes).toHaveLength(1);
  });
});
