import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const repository = new URL("../../../../", import.meta.url);

test("docs/reference/metrics.md is what scripts/generate-metrics-reference.mjs writes", async () => {
  const script = new URL("scripts/generate-metrics-reference.mjs", repository);
  const { metricsReference } = (await import(script.href)) as { readonly metricsReference: () => string };
  expect(readFileSync(new URL("docs/reference/metrics.md", repository), "utf8")).toBe(metricsReference());
});
