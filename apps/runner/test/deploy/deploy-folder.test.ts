import { expect, test } from "vitest";
import { skipsWithout } from "./deploy-folder.ts";

test("what this machine lacks skips tests, and is an error where all of them have to run", () => {
  expect(skipsWithout(undefined, { DEPLOY_PROGRAMS: "required" })).toBe(false);
  expect(skipsWithout("no helm", {})).toBe(true);
  expect(() => skipsWithout("no helm", { DEPLOY_PROGRAMS: "required" })).toThrow("no helm");
});
