import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, onTestFinished, test } from "vitest";
import { createRunner, type RunnerOptions } from "../../src/index.ts";

const packageName = "@statewave-connectors/console";

/** A runner that wants the page, in a folder with that package, if `code` says what it contains. */
async function runnerIn(code: string | undefined, options: Partial<RunnerOptions> = {}) {
  const baseDir = mkdtempSync(join(tmpdir(), "console-"));
  onTestFinished(() => rmSync(baseDir, { recursive: true, force: true }));
  if (code !== undefined) {
    const place = join(baseDir, "node_modules", packageName);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), JSON.stringify({ name: packageName, type: "module", exports: "./index.js" }));
    writeFileSync(join(place, "index.js"), code);
  }
  const admin = { listen: "127.0.0.1:0", console: true };
  const source = { statewave: { url: "stdout:" }, runner: { host: "127.0.0.1", port: 0, admin } };
  const runner = await createRunner({ ...(await parseConfig(source, { baseDir })), logger: silentLogger, ...options });
  onTestFinished(() => runner.stop());
  return runner;
}

test.each([
  ["CONFIG_PACKAGE_INVALID", "export const other = 1;"],
  ["CONFIG_PACKAGE_BROKEN", "throw new Error('not today');"],
])("a package that cannot be used ends the start with %s", async (code, source) => {
  await expect((await runnerIn(source)).start()).rejects.toMatchObject({ code });
});

test("the package of the configuration's folder answers at its path and below, with what a request sent", async () => {
  const runner = await runnerIn(`
    export const openConsole = (host) => async (request) => new Response(JSON.stringify({
      path: new URL(request.url).pathname, form: await request.text(), cookie: request.headers.get("cookie"),
      mayAct: host.allowActions, entries: (await host.readStatus()).entries.length,
    }), { status: 203, headers: { "set-cookie": "a=b; HttpOnly" } });`);
  await runner.start();
  const { adminUrl = "", consoleUrl } = runner.describe();
  expect(consoleUrl).toBe(`${adminUrl}/console/`);
  const response = await fetch(`${adminUrl}/console/x?y=z`, { method: "POST", body: "a form", headers: { cookie: "c=d" } });
  expect([response.status, response.headers.get("set-cookie")]).toEqual([203, "a=b; HttpOnly"]);
  expect(await response.json()).toEqual({ path: "/console/x", form: "a form", cookie: "c=d", mayAct: false, entries: 0 });
  expect((await fetch(`${adminUrl}/consolex`)).status).toBe(404);
});

test("what a program passes as `console` takes its place", async () => {
  const runner = await runnerIn(undefined, { console: () => async () => new Response("passed in") });
  await runner.start();
  expect(await (await fetch(`${runner.describe().consoleUrl}`)).text()).toBe("passed in");
});
