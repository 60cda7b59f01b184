import { type Connector, defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";

interface Readme {
  readonly text: string;
  readonly wanted: string;
}

const script = new URL("../../../scripts/generate-readme-options.mjs", import.meta.url);
const { adapterFolders, readmeOf, withTables } = (await import(script.href)) as {
  readonly adapterFolders: () => readonly string[];
  readonly readmeOf: (folder: string) => Promise<Readme>;
  readonly withTables: (text: string, module: { readonly connector: Connector }, name: string) => string;
};

test.each(adapterFolders())(
  "the options in the README of %s are what scripts/generate-readme-options.mjs writes",
  async (folder) => {
    const { text, wanted } = await readmeOf(folder);
    expect(text).toBe(wanted);
  },
);

describe("the rights that a connector declares", () => {
  const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) }, entries: {} } as const;
  const connectorWith = (rights: readonly Right[]) =>
    defineConnector({ kind: "acme", version: "1.0.0", pull: { config, rights, open: () => ({ async *pages() {} }) } });
  const place = (what: "options" | "rights") =>
    `<!-- ${what} of [[pull.acme]], written by scripts/generate-readme-options.mjs -->\nold\n<!-- end of ${what} -->\n`;
  const rights = [
    { name: "tickets:read", for: "reading tickets | comments" },
    { name: "users:read", for: "their authors' names", optional: true },
  ];

  test("are written into its README as a table", () => {
    const text = withTables(`${place("options")}${place("rights")}`, { connector: connectorWith(rights) }, "README.md");
    const table = text
      .split("<!-- rights")[1]
      ?.split("\n")
      .filter((line) => line.startsWith("|"));
    expect(table?.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "| Right | For | Needed |",
      expect.stringMatching(/^[| -]+$/),
      "| `tickets:read` | reading tickets \\| comments | yes |",
      "| `users:read` | their authors' names | optional |",
    ]);
  });

  test("need a place there, and a place needs them", () => {
    expect(() => withTables(place("options"), { connector: connectorWith(rights) }, "README.md")).toThrow(
      "has no rights of [[pull.acme]]",
    );
    const both = `${place("options")}${place("rights")}`;
    expect(() => withTables(both, { connector: connectorWith([]) }, "README.md")).toThrow("does not declare");
  });
});
