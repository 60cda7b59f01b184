import { expect, test } from "vitest";

interface Readme {
  readonly text: string;
  readonly wanted: string;
}

const script = new URL("../../../scripts/generate-readme-options.mjs", import.meta.url);
const { adapterFolders, readmeOf } = (await import(script.href)) as {
  readonly adapterFolders: () => readonly string[];
  readonly readmeOf: (folder: string) => Promise<Readme>;
};

test.each(adapterFolders())(
  "the options in the README of %s are what scripts/generate-readme-options.mjs writes",
  async (folder) => {
    const { text, wanted } = await readmeOf(folder);
    expect(text).toBe(wanted);
  },
);
