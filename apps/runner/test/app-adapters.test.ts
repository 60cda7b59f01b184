import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const repository = new URL("../../../", import.meta.url);

test("apps/runner depends on every public adapter, as scripts/sync-app-adapters.mjs writes it", async () => {
  const script = new URL("scripts/sync-app-adapters.mjs", repository);
  const { appManifest } = (await import(script.href)) as { readonly appManifest: () => string };
  expect(readFileSync(new URL("apps/runner/package.json", repository), "utf8")).toBe(appManifest());
});
