import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configReference } from "../../../scripts/generate-config-reference.mjs";

test("docs/reference/config.md is what scripts/generate-config-reference.mjs writes", async () => {
  const page = readFileSync(new URL("../../../docs/reference/config.md", import.meta.url), "utf8");
  expect(page).toBe(await configReference());
});
