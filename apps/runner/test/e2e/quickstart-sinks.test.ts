import { readFile } from "node:fs/promises";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { makeCheckout, startQuickstart as start } from "./quickstart-checkout.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

async function written(workspace: Workspace): Promise<number> {
  const text = await readFile(workspace.path("var/quickstart/episodes.jsonl"), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

describe.concurrent("the quickstart", () => {
  it("sends everything to a Statewave that is named after the first start", async (test) => {
    const workspace = await makeCheckout(test);
    const first = start(test, workspace);
    await until("both documents are in the file", async () => (await written(workspace)) === 2);
    first.signal("SIGINT");
    await first.exited;

    const statewave = await startFakeStatewave();
    test.onTestFinished(() => statewave.close());
    start(test, workspace, { STATEWAVE_URL: statewave.url });
    await until("both documents are in Statewave", () => statewave.episodes.length >= 2);
    expect(statewave.stats().stored).toBe(2);
  });

  it("says plainly that the key is wrong", async (test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const runner = start(test, workspace, { STATEWAVE_URL: statewave.url, STATEWAVE_API_KEY: "wr0ng" });
    await until("the key is named", () => /invalid_api_key.*check STATEWAVE_API_KEY/s.test(runner.stderr));
    expect(runner.stderr + runner.stdout).not.toContain("wr0ng");
  });

  it("says plainly that nothing answers at the address", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = start(test, workspace, { STATEWAVE_URL: "http://127.0.0.1:9" });
    await until("the reason is named", () => runner.stderr.includes("ECONNREFUSED"));
    expect(runner.stderr).toMatch(/http:\/\/127\.0\.0\.1:9.*ECONNREFUSED/s);
  });
});
