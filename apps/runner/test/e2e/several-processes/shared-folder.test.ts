import { describe, expect, it } from "vitest";
import { configName, configText, makeWorkspace } from "../workspace.ts";
import { sharedStores, startStore } from "./shared-store.ts";

/** Never due while a test runs: cursors change by command only. */
const rare = 'schedule = "0 0 1 1 *"';

describe.concurrent.each(sharedStores)("two processes with one folder and one state on $kind", (store) => {
  it("start without a warning, and tools reach the state through either, and when none of them runs", async (test) => {
    const server = await startStore(test, store);
    const workspace = makeWorkspace(test);
    const state = `${store.kind}"\nurl = "${server.url}`;
    await workspace.write(configName, configText({ statewaveUrl: "stdout:", state }).replace('schedule = "every 1s"', rare));
    await workspace.write("docs/note.md", "# Note");
    const [first, second] = [await workspace.run(), await workspace.run()];
    expect([...first.log, ...second.log].filter(({ level }) => level !== "info")).toEqual([]);

    const round = async (cursor: string) => {
      expect(await workspace.command("state", "set", "--yes", "markdown/docs", cursor, "--force")).toMatchObject({ code: 0 });
      return (await workspace.command("state", "get", "markdown/docs")).stdout.trim();
    };
    expect(await round("with both")).toBe("with both");
    expect(await first.terminate()).toMatchObject({ code: 0 });
    expect(await round("with the second")).toBe("with the second");
    expect(await second.terminate()).toMatchObject({ code: 0 });
    expect(await round("with none")).toBe("with none");
  });

  it("keep out of the way of another configuration in that folder: its tools do not reach their runner", async (test) => {
    const server = await startStore(test, store);
    const workspace = makeWorkspace(test);
    const inFile = configText({ statewaveUrl: "stdout:" }).replace('schedule = "every 1s"', rare);
    await workspace.write(configName, inFile);
    await workspace.write("docs/note.md", "# Note");
    await workspace.command("state", "set", "--yes", "markdown/docs", "of the file", "--force");
    const runner = await workspace.run();
    await workspace.write(configName, inFile.replace('kind = "file"', `kind = "${store.kind}"\nurl = "${server.url}"`));
    const set = await workspace.command("state", "set", "--yes", "markdown/docs", "of the server", "--force");
    expect(set).toMatchObject({ code: 0 });
    await workspace.write(configName, inFile);
    expect((await workspace.command("state", "get", "markdown/docs")).stdout.trim()).toBe("of the file");
    await runner.terminate();
  });
});
