import { isSecret } from "@statewave-connectors/connector-sdk/secrets";
import { expect, test } from "vitest";
import { printableConfig } from "../src/index.ts";
import { loadText, problemsOf } from "./load-text.ts";
import { revealAll } from "./reveal-all.ts";

const file = (key: string) => `[statewave]\nurl = "https://memory.example/"\n[runner.state]\nkind = "memory"\n${key}`;
const bytes = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

test("[runner.state] key is a list of secrets, which is printed nowhere and no option of the store", async () => {
  const { config } = await loadText(file(`key = "${bytes}"`));
  const { state } = config.runner;
  expect(state.key?.every(isSecret)).toBe(true);
  expect(revealAll(state.key)).toEqual([bytes]);
  expect(state.options).toEqual({});
  expect(config.runner.inbox.options).toEqual({});
  expect(JSON.stringify(printableConfig(config))).not.toContain(bytes);
  const replaced = await loadText(file(`key = ["${bytes}", "correct horse battery"]`));
  expect(revealAll(replaced.config.runner.state.key)).toEqual([bytes, "correct horse battery"]);
});

test("without a key nothing is encrypted", async () => {
  expect((await loadText(file(""))).config.runner.state).not.toHaveProperty("key");
});

test.each([
  'key = ""',
  'key = "short"',
  "key = 7",
  "key = []",
  `key = ["${bytes}", "short"]`,
  `key = ["${bytes}", "${bytes}", "${bytes}"]`,
])("%s is refused at its path, and not quoted", async (key) => {
  const [problem] = await problemsOf(loadText(file(key)));
  expect(problem?.path).toMatch(/^runner\.state\.key/);
  expect(problem?.message).not.toContain(bytes);
});
