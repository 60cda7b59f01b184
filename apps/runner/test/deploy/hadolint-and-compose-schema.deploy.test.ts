import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deployFolder, describeWithProgram, runProgram } from "./deploy-folder.ts";

describeWithProgram("hadolint", "hadolint", () => {
  test("finds nothing in the Dockerfiles", () => {
    const files = globSync("docker/*Dockerfile", { cwd: deployFolder }).map((file) => join(deployFolder, file));
    expect(files).toHaveLength(2);
    expect(runProgram("hadolint", ["--no-color", ...files])).toEqual({ status: 0, output: "" });
  });
});

describeWithProgram("check-jsonschema", "the schema of Compose files", () => {
  const check = (file: string) => runProgram("check-jsonschema", ["--builtin-schema", "vendor.compose-spec", file]);

  test("accepts compose.yaml", () => {
    expect(check(join(deployFolder, "compose.yaml"))).toMatchObject({ status: 0 });
  });

  test("refuses a file with a key that Compose does not know", () => {
    expect(check(join(deployFolder, "railway.json"))).toMatchObject({ status: 1 });
  });
});
