import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { findLines } from "../src/toml/toml-lines.ts";
import type { TomlPath } from "../src/toml/toml-path.ts";

const text = `# a comment with [[pull.github]] in it
[statewave]
url = "http://x" # [runner]

[[pull.github]]
name = "a"
text = """
[[pull.github]]
name = "not this"
quote \\""" ""\\"
"""
list = [
  "x", # name = "nor this"
  { name = "nor that" },
]
[pull.github.sub]
deep.er = 1
'quo.ted' = 2
"esc\\u0061ped" = 3
[[pull.github]]
name = 'b'
raw = '''
it's [x]''''
inline = { a = 1, b = [1, 2] }
[[pull.github.rules]]
x = 1
[[pull.github.rules]]
x = 2
[[pull.slack]]
name = "c"
last = 1979-05-27T07:32:00Z`;

describe("the line of", () => {
  test.each<[TomlPath, number]>([
    [["statewave"], 2],
    [["statewave", "url"], 3],
    [["pull"], 5],
    [["pull", "github"], 5],
    [["pull", "github", 0], 5],
    [["pull", "github", 0, "name"], 6],
    [["pull", "github", 0, "text"], 7],
    [["pull", "github", 0, "list"], 12],
    [["pull", "github", 0, "list", 1, "name"], 12],
    [["pull", "github", 0, "sub"], 16],
    [["pull", "github", 0, "sub", "deep"], 17],
    [["pull", "github", 0, "sub", "deep", "er"], 17],
    [["pull", "github", 0, "sub", "quo.ted"], 18],
    [["pull", "github", 0, "sub", "escaped"], 19],
    [["pull", "github", 1], 20],
    [["pull", "github", 1, "name"], 21],
    [["pull", "github", 1, "raw"], 22],
    [["pull", "github", 1, "inline", "b", 1], 24],
    [["pull", "github", 1, "rules"], 25],
    [["pull", "github", 1, "rules", 0, "x"], 26],
    [["pull", "github", 1, "rules", 1, "x"], 28],
    [["pull", "slack", 0, "name"], 30],
    [["pull", "slack", 0, "last"], 31],
    // What is missing has the line of the table that lacks it.
    [["pull", "github", 1, "schedule"], 20],
  ])("%j is %i", (path, line) => {
    parse(text);
    expect(findLines(text)(path)).toBe(line);
    expect(findLines(`\uFEFF${text.replaceAll("\n", "\r\n")}`)(path)).toBe(line);
  });

  test("something whose table is nowhere is unknown", () => {
    expect(findLines(text)(["runner", "port"])).toBeUndefined();
    expect(findLines("")(["runner"])).toBeUndefined();
  });
});

/** A document of random shape, in which every value is the number of its line. */
function randomDocument(random: () => number): string {
  const lines: string[] = [];
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const noise = ["", "# name = 1 [x]", "\t", '#"""', "# '''"];
  const values = [
    (n: number) => `${n}`,
    (n: number) => `[${n}] # ]`,
    (n: number) => `{ k = ${n} }`,
    (n: number) => `[\n  '#',\n  "]", ${n},\n]`,
  ];
  for (let table = 0; table < 8; table += 1) {
    const [kind, nested] = [pick(["a", "b", '"c d"']), random() < 0.3];
    lines.push(pick(noise), `[[pull.${kind}]]`);
    if (nested) lines.push(`[pull.${kind}.sub${table}]`);
    for (let key = 0; key < 4; key += 1) {
      lines.push(pick(noise));
      const at = lines.join("\n").split("\n").length + 1;
      lines.push(
        `${pick([" ", ""])}${pick([`k${key}`, `"k ${key}"`, `k${key} . x`])} = ${pick(values)(at)} ${pick(["", "# '"])}`,
      );
      lines.push(`t${key} = ${pick(['"""\n[x]\n"""', "'''\nk = '' \"\n'''", '"\\""', "'\\'"])}`);
    }
  }
  return lines.join("\n");
}

test("every value of a random document is found on its line", () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return (state >>> 8) / 2 ** 23;
  };
  for (let round = 0; round < 100; round += 1) {
    const document = randomDocument(random);
    const lineOf = findLines(document);
    const values = numbersBelow(parse(document), []);
    expect(values).toHaveLength(32);
    for (const { path, value } of values) {
      expect(lineOf(path), `TEST_SEED=${seed}\n${document}\n${JSON.stringify(path)}`).toBe(value);
    }
  }
});

function numbersBelow(value: unknown, path: TomlPath): readonly { readonly path: TomlPath; readonly value: number }[] {
  if (typeof value === "number") return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => numbersBelow(item, [...path, index]));
  return isTable(value) ? Object.entries(value).flatMap(([key, item]) => numbersBelow(item, [...path, key])) : [];
}
