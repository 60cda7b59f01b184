import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runHere(tmpdir(), ["completion", shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** What bash offers for a line whose last word is being typed. */
function offered(completion: string, ...words: readonly string[]): readonly string[] {
  const line = ["statewave-connectors", ...words].map((word) => `'${word}'`).join(" ");
  const program = `${completion}\nCOMP_WORDS=(${line})\nCOMP_CWORD=${words.length}\n_statewave_connectors\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", program], {
    encoding: "utf8",
    cwd: "/",
    timeout: 30_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((word) => word !== "");
}

describe("the completion of bash", () => {
  test("offers commands, their subcommands and their options", async () => {
    const bash = await script("bash");
    expect(offered(bash, "va")).toEqual(["validate-config"]);
    expect(offered(bash, "")).toEqual(expect.arrayContaining(["run", "doctor", "init", "state", "completion"]));
    expect(offered(bash, "state", "")).toEqual(expect.arrayContaining(["list", "get", "reset"]));
    expect(offered(bash, "state", "")).not.toContain("doctor");
    expect(offered(bash, "state", "list", "--js")).toEqual(["--json"]);
    expect(offered(bash, "init", "--dir")).toEqual(["--direction"]);
  });

  test("offers the values of an option, files for a path, and nothing of a command behind its own options", async () => {
    const bash = await script("bash");
    expect(offered(bash, "doctor", "--log-level", "")).toEqual(["debug", "info", "warn", "error"]);
    expect(offered(bash, "doctor", "--config", "et")).toContain("etc");
    expect(offered(bash, "doctor", "--log-level", "warn", "--j")).toEqual(["--json"]);
    expect(offered(bash, "no-such-command", "--vers")).toEqual(["--version"]);
  });
});

test("the completions of zsh and fish know every command of the program", async () => {
  const [bash, zsh, fish] = await Promise.all(["bash", "zsh", "fish"].map(script));
  expect(zsh).toContain("bashcompinit");
  expect(zsh).toContain('"/dead-letters/retry"');
  for (const command of offered(bash ?? "", "").filter((word) => !word.startsWith("-"))) {
    expect(fish).toMatch(new RegExp(`^complete -c statewave-connectors -f -n '.*' -a ${command} -d '`, "m"));
  }
  expect(fish).toContain("-l direction -x");
});

test.skipIf(spawnSync("fish", ["--no-config", "-c", "true"]).status !== 0)("fish can read its completion", async () => {
  const input = await script("fish");
  expect(spawnSync("fish", ["--no-execute"], { input, encoding: "utf8" })).toMatchObject({ status: 0 });
});

test("a shell that is not known ends with 2", async () => {
  expect(await runHere(tmpdir(), ["completion", "tcsh"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("It is bash, zsh or fish."),
  });
});
