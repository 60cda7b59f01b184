import { expect, test } from "vitest";
import { repeatConfig } from "../../src/terminal/repeat-config.ts";

test.each([
  [
    "run `statewave-connectors state reset --all` or `statewave-connectors state adopt a/b`",
    "run `statewave-connectors state reset --all --config c.toml` or `statewave-connectors state adopt a/b --config c.toml`",
  ],
  ["run `doctor` to see all that it finds", "run `doctor --config c.toml` to see all that it finds"],
  ["look at them with `dead-letters list`", "look at them with `dead-letters list --config c.toml`"],
  ["start it with `statewave-connectors run`", "start it with `statewave-connectors run --config c.toml`"],
  ["run `state import` with --force", "run `state import --config c.toml` with --force"],
])("%j names the file that the user gave", (hint, repeated) => {
  expect(repeatConfig(hint, { configPath: "c.toml" })).toBe(repeated);
  expect(repeatConfig(hint, {})).toBe(hint);
});

test.each([
  "set `sync_timeout` or `state_dir`",
  "set `run` to true",
  "use `state copy`, which names both files",
  "run `doctor --config other.toml`",
  "call `doctors`",
])("%j stays as it is", (hint) => {
  expect(repeatConfig(hint, { configPath: "c.toml" })).toBe(hint);
});

test("a path is quoted where a shell would split or read it", () => {
  expect(repeatConfig("run `doctor`", { configPath: "my files/it's $here.toml" })).toBe(
    "run `doctor --config 'my files/it'\\''s $here.toml'`",
  );
});

test("a command names the file of variables, too", () => {
  const files = { configPath: "c.toml", dotenvPath: ".env" };
  expect(repeatConfig("run `statewave-connectors state delete a/b`", files)).toBe(
    "run `statewave-connectors state delete a/b --config c.toml --dotenv .env`",
  );
  expect(repeatConfig("run `doctor`", { dotenvPath: "my.env" })).toBe("run `doctor --dotenv my.env`");
});

test("commands are called as the user called the program, the names of commands alone stay", () => {
  const hint = "run `statewave-connectors state adopt a/b` or `statewave-connectors init`, see `doctor`";
  expect(repeatConfig(hint, { calledAs: "npm run cli --", configPath: "c.toml" })).toBe(
    "run `npm run cli -- state adopt a/b --config c.toml` or `npm run cli -- init`, see `doctor --config c.toml`",
  );
});
