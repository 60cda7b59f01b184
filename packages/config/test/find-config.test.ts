import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeError } from "@statewave-connectors/connector-sdk";
import { loadConfig } from "../src/index.ts";
import { temporaryFolder } from "./load-text.ts";

const minimal = '[statewave]\nurl = "stdout:"\n';

function layOut(...files: readonly string[]): string {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), minimal);
  }
  return folder;
}

const everywhere = [
  "arg.toml",
  "env.toml",
  "statewave-connectors.toml",
  "xdg/statewave-connectors/config.toml",
  ".config/statewave-connectors/config.toml",
];

test.each([
  ["the argument", everywhere, "arg.toml", "explicit"],
  ["the environment's file", everywhere, "env.toml", "environment"],
  ["the working directory's file", everywhere, "statewave-connectors.toml", "working directory"],
  ["the file under $XDG_CONFIG_HOME", everywhere, "xdg/statewave-connectors/config.toml", "home"],
  ["the file under ~/.config", everywhere, ".config/statewave-connectors/config.toml", "home"],
])("%s is found in its turn", async (_, files, expected, foundBy) => {
  const cwd = layOut(...files.slice(foundBy === "home" ? 3 : 0));
  const found = await loadConfig({
    cwd,
    configPath: foundBy === "explicit" ? "arg.toml" : undefined,
    env: {
      HOME: cwd,
      ...(["explicit", "environment"].includes(foundBy) && { STATEWAVE_CONNECTORS_CONFIG: "env.toml" }),
      ...(!expected.startsWith(".config") && { XDG_CONFIG_HOME: join(cwd, "xdg") }),
    },
  });
  expect(found.foundBy).toBe(foundBy);
  expect(found.path).toBe(join(cwd, expected));
  expect(found.config.path).toBe(found.path);
  expect(found.config.baseDir).toBe(join(cwd, expected, ".."));
});

test("an empty variable counts as unset, and a relative $XDG_CONFIG_HOME is ignored", async () => {
  const cwd = layOut(".config/statewave-connectors/config.toml", "xdg/statewave-connectors/config.toml");
  const found = await loadConfig({ cwd, env: { HOME: cwd, STATEWAVE_CONNECTORS_CONFIG: "", XDG_CONFIG_HOME: "xdg" } });
  expect(found.path).toBe(join(cwd, ".config/statewave-connectors/config.toml"));
});

test("without any file the error lists every place that was looked at", async () => {
  const cwd = temporaryFolder();
  const error: unknown = await loadConfig({ cwd, env: { HOME: cwd } }).catch((thrown: unknown) => thrown);
  expect(describeError(error)).toContain("CONFIG_NOT_FOUND");
  expect(describeError(error)).toContain(join(cwd, "statewave-connectors.toml"));
  expect(describeError(error)).toContain(join(cwd, ".config/statewave-connectors/config.toml"));
  expect(describeError(error)).toContain("--config");
});

test.each([
  ["argument", { configPath: "nowhere.toml" }, ""],
  ["environment", { env: { STATEWAVE_CONNECTORS_CONFIG: "nowhere.toml" } }, " (from $STATEWAVE_CONNECTORS_CONFIG)"],
])("a file named by %s that is not there is not replaced by another one", async (_, options, how) => {
  const cwd = layOut("statewave-connectors.toml");
  await expect(loadConfig({ env: {}, ...options, cwd })).rejects.toMatchObject({
    code: "CONFIG_NOT_FOUND",
    message: `no configuration file found; looked at ${join(cwd, "nowhere.toml")}${how}`,
  });
});

test("a folder is not a file", async () => {
  const cwd = layOut("folder/x");
  await expect(loadConfig({ cwd, env: {}, configPath: "folder" })).rejects.toMatchObject({ code: "CONFIG_NOT_FOUND" });
});
