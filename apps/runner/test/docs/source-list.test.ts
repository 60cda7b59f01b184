import { expect, test } from "vitest";

const script = new URL("../../../../scripts/generate-source-list.mjs", import.meta.url);
const { sourceListOf } = (await import(script.href)) as {
  readonly sourceListOf: () => Promise<{ readonly text: string; readonly wanted: string }>;
};

test("the README lists the sources that there are, as scripts/generate-source-list.mjs writes them", async () => {
  const { text, wanted } = await sourceListOf();
  expect(wanted).toContain("| [GitHub](packages/connector-github/README.md)");
  expect(text).toBe(wanted);
});
