import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const question = "Where do we keep the torque wrench?";

/** A folder of documents that has been synced into a Statewave. */
async function syncedWorkspace(
  ending: Ending,
  documents: Readonly<Record<string, string>>,
): Promise<{ readonly workspace: Workspace; readonly statewave: FakeStatewave }> {
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  await workspace.write(
    configName,
    configText({ statewaveUrl: statewave.url }).replace('path = "./docs"', 'path = "./docs"\nsubject = "docs:bicycle/workshop"'),
  );
  for (const [name, text] of Object.entries(documents)) await workspace.write(`docs/${name}`, text);
  expect(await workspace.command("sync", "markdown/docs")).toMatchObject({ code: 0 });
  return { workspace, statewave };
}

async function compile(statewave: FakeStatewave): Promise<void> {
  const body = JSON.stringify({ subject_id: "docs:bicycle.workshop" });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${statewave.url}/v1/memories/compile`, { method: "POST", headers, body })).status).toBe(200);
}

describe.concurrent("ask", () => {
  it("prints the context of a subject and what it is made of, and delivers nothing", async (test) => {
    const { workspace, statewave } = await syncedWorkspace(test, {
      "tools.md": "# Tools\n\nThe torque wrench hangs behind the second bench.\n",
    });
    await compile(statewave);
    const stored = statewave.stats().stored;
    const { code, stdout, stderr } = await workspace.command("ask", "docs:bicycle/workshop", question);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^## Task\nWhere do we keep the torque wrench\?\n\n## Recent history\n- \[.*behind the second bench\./,
    );
    expect(stdout).toMatch(
      /\n\nsubject docs:bicycle\.workshop, which Statewave has for docs:bicycle\/workshop\n0 facts, 1 summary, 0 procedures, 0 episodes; \d+ of 500 tokens\n$/,
    );
    expect(statewave.stats()).toMatchObject({ stored });
  });

  it("needs no subject when the server has one, and says that nothing is compiled", async (test) => {
    const { workspace } = await syncedWorkspace(test, { "tools.md": "# Tools\n\nThe wrench hangs there.\n" });
    const { code, stdout, stderr } = await workspace.command("ask", question, "--budget", "300");
    expect(code).toBe(0);
    expect(stdout).toContain("1 episode; ");
    expect(stdout).toContain(" of 300 tokens\n");
    expect(stderr).toBe(
      "nothing of docs:bicycle.workshop is compiled: the context shows the beginnings of its newest episodes\n" +
        'hint: set [statewave.compile] mode = "after", so that Statewave makes memories of episodes\n',
    );
  });

  it("ends with 1 and names a near subject when nothing is stored", async (test) => {
    const { workspace } = await syncedWorkspace(test, { "tools.md": "# Tools\n\nThe wrench hangs there.\n" });
    const { code, stdout, stderr } = await workspace.command("ask", "bicycle/workshop", question);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: "Statewave has nothing of bicycle.workshop\nhint: did you mean docs:bicycle.workshop\n",
    });
    const json = await workspace.command("ask", "bicycle/workshop", question, "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ finding: "nothing_stored", stored_subjects: ["docs:bicycle.workshop"] });
  });

  it("prints nothing of a foreign text that drives a terminal or turns a line around", async (test) => {
    const evil = "The wrench \u001b[31mis\u001b[0m \u202egone\u202c \u0007\u009b2J here";
    const { workspace, statewave } = await syncedWorkspace(test, { "tools.md": `# Tools\n\n${evil}\n` });
    await compile(statewave);
    for (const env of [{}, { NO_COLOR: "1" }, { FORCE_COLOR: "3" }]) {
      const asking = workspace.launch(["ask", question], env);
      expect(await asking.exited).toMatchObject({ code: 0 });
      expect(asking.stdout).toContain("The wrench ");
      // eslint-disable-next-line no-control-regex -- these must not be there
      expect(asking.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  it.for([
    [["ask"], /no question is given/],
    [["ask", "docs:a", "  "], /no question is given/],
    [["ask", "", "Why?"], /the subject is empty/],
    [["ask", "docs:a", "x".repeat(4_001)], /longer than 4000 characters/],
    [["ask", "docs:a", "Why?", "--budget", "0"], /It is not a number from 1 to 128000/],
    [["ask", "docs:a", "why", "is", "it"], /too many arguments/],
  ] as const)("ends with 2 for wrong arguments: %j", async ([args, message], test) => {
    const workspace = makeWorkspace(test);
    const { code, stderr } = await workspace.command(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("ends with 1 and a hint where episodes go to a file", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, '[statewave]\nurl = "file:./episodes.jsonl"\n');
    const { code, stderr } = await workspace.command("ask", "docs:a", "Why?");
    expect(code).toBe(1);
    expect(stderr).toMatch(/\[SINK_HAS_NO_MEMORY\]\nhint: name a Statewave server/);
    expect(workspace.list(".")).toEqual([configName]);
  });
});
