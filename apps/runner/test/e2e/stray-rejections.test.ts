import { expect, test } from "vitest";
import { configName, makeWorkspace } from "./workspace.ts";
import { until } from "./until.ts";

/** Leaves a rejected promise behind in every run. */
const careless = `
const schema = { "~standard": { version: 1, vendor: "careless", validate: (value) => ({ value }) } };
export const connector = {
  kind: "careless",
  version: "1.0.0",
  pull: {
    config: schema,
    open: () => ({
      async *pages(cursor = "0") {
        void Promise.reject(new Error("nobody awaits run " + cursor));
        yield { cursor: String(Number(cursor) + 1), episodes: [] };
      },
    }),
  },
};`;

const config = `
[statewave]
url = "stdout:"
[runner]
host = "127.0.0.1"
port = 0
[runner.admin]
listen = "127.0.0.1:0"
[runner.state]
kind = "memory"
[connectors]
careless = "./careless.mjs"
[[pull.careless]]
name = "a"
schedule = "every 1s"
`;

test("a promise that a connector leaves rejected is logged, and the runner continues", async (context) => {
  const workspace = makeWorkspace(context);
  await workspace.write("careless.mjs", careless);
  await workspace.write(configName, config);
  const runner = await workspace.run();
  await until("two runs have left a rejected promise", () => runner.stderr.includes("nobody awaits run 1"));
  expect(runner.stderr).toContain("a rejected promise is not handled");
  expect((await runner.readiness()).status).toBe(200);
  expect(await runner.terminate()).toMatchObject({ code: 0 });
});
