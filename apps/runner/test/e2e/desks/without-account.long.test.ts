import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { startFakeProvider } from "../fake-provider-process.ts";
import { makeWorkspace } from "../workspace.ts";

const readmeOf = (kind: string) =>
  readFileSync(new URL(`../../../../../packages/connector-${kind}/README.md`, import.meta.url), "utf8");

/** What follows in the one line of a page that begins so. */
function argumentsOf(page: string, beginning: string): readonly string[] {
  const lines = page.split("\n").filter((each) => each.startsWith(beginning));
  expect(lines).toHaveLength(1);
  return lines.flatMap((line) => line.slice(beginning.length).trim().split(" "));
}

it.for(["zendesk", "freshdesk", "intercom"])(
  "what the README of %s says to try without an account reads the fake",
  async (kind, test) => {
    const readme = readmeOf(kind);
    const start = argumentsOf(readme, `node node_modules/@statewave-connectors/connector-${kind}/dist/testing/main.js`);
    // The port of the page may be in use.
    const onFreePort = start.map((each) => (each === "8410" ? "0" : each));
    const { url } = await startFakeProvider(test, `@statewave-connectors/connector-${kind}/testing/main`, ...onFreePort);
    const options = argumentsOf(readme, "npx statewave-connectors try");
    const tried = makeWorkspace(test).start({
      args: ["try", ...options.map((each) => each.replace("http://127.0.0.1:8410", url))],
    });
    expect(await tried.exited).toEqual({ code: 0, signal: null });
    expect(tried.stdout).toMatch(new RegExp(`^ok {3}pull ${kind}/main: .*\\n[^]*\\n${kind}/main: \\d+ episodes read with`, "m"));
  },
);
