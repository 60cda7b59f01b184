import { describe, expect, it } from "vitest";
import { configName, configText, makeWorkspace } from "./workspace.ts";

const statewaveUrl = "http://127.0.0.1:9";

describe("chaos", () => {
  it("refuses a place that holds anything, names it, and leaves it as it is", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    await workspace.write("state/statewave_chaos/notes.txt", "mine");
    const { code, stdout, stderr } = await workspace.command("chaos");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: the folder \S+statewave_chaos is not empty: it holds the file notes\.txt \[CHAOS_PLACE_USED\]\n/,
    );
    expect(workspace.list("state/statewave_chaos")).toEqual(["notes.txt"]);
  });

  it("claims no place when it has no folder for its own files", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    const chaos = workspace.launch(["chaos"], { TMPDIR: workspace.path("nowhere") });
    expect((await chaos.exited).code).not.toBe(0);
    expect(chaos.stderr).toContain("nowhere");
    expect(workspace.list(".")).not.toContain("state");
  });

  it("refuses a state that survives no crash", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl, state: "memory" }));
    const { code, stderr } = await workspace.command("chaos");
    expect(code).toBe(1);
    expect(stderr).toContain("kind memory: it survives no crash, so there is nothing to test [CHAOS_STATE_UNSUPPORTED]");
  });

  it("refuses a duration that is none", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    expect((await workspace.command("chaos", "--minutes", "0")).code).toBe(2);
  });
});
