import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runHere } from "../run-here.ts";

test.each([
  [["3", "--source", "numbers/all"], "--source chooses among"],
  [["3", "--until", "2h"], "--until chooses among"],
  [["3", "--all"], "name the keys, or say --all, but not both"],
  [["--reason", "timeout"], "name the keys, or say --all"],
])("dead letters that are named by %j are refused, and nothing is acted upon", async (args, said) => {
  for (const act of ["retry", "discard"])
    expect(await runHere(tmpdir(), ["dead-letters", act, ...args, "--yes"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(said),
    });
});
