import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { makeWorld } from "./world.ts";

test.skipIf(!existsSync("/proc/locks"))(
  "a runner that is paused is named by every command that needs its state, with how to resume it, and answers afterwards",
  async (context) => {
    const world = await makeWorld(context);
    const { workspace } = world;
    const runner = await workspace.run();
    await runner.listening();
    runner.signal("SIGSTOP");
    const resume = /hint: resume process (\d+) with `kill -CONT \1`, or end it with `kill -9 \1`/;
    const silent = /the runner behind \S+\.sock takes requests and does not answer/;
    const [state, inbox, second, reload, doctor] = await Promise.all([
      workspace.command("state", "list"),
      workspace.command("inbox", "list"),
      workspace.command("run"),
      workspace.command("reload"),
      workspace.command("doctor"),
    ]);
    expect(state).toMatchObject({ code: 4, stderr: expect.stringMatching(resume) });
    expect(state.stderr).toMatch(/is in use by process \d+, which is paused; the runner/);
    expect(state.stderr).toMatch(silent);
    expect(inbox).toMatchObject({ code: 4, stderr: expect.stringMatching(resume) });
    expect(second).toMatchObject({ code: 4, stderr: expect.stringMatching(resume) });
    expect(reload).toMatchObject({ code: 4, stderr: expect.stringContaining("[RUNNER_CONTROL_SILENT]") });
    expect(reload.stderr).toMatch(silent);
    expect(doctor).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAIL runner: the runner behind \S+ takes requests/m),
    });
    expect(doctor.stdout).toMatch(/in use by process \d+, which is paused/);
    runner.signal("SIGCONT");
    expect(await workspace.command("state", "list")).toMatchObject({ code: 0 });
  },
);
