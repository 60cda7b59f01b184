import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const repository = new URL("../../../", import.meta.url);

test("docs/reference/config.md is what scripts/generate-config-reference.mjs writes", async () => {
  const script = new URL("scripts/generate-config-reference.mjs", repository);
  const { configReference } = (await import(script.href)) as { readonly configReference: () => Promise<string> };
  expect(readFileSync(new URL("docs/reference/config.md", repository), "utf8")).toBe(await configReference());
});
