import type { Connector } from "@statewave-connectors/connector-sdk";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";
import { documentedKinds } from "./documented-kinds.ts";

/** What the README of a connector is compared with. */
export interface ReadmeSubject {
  readonly connector: Connector;
  /** The name that it is installed under. */
  readonly packageName: string;
  /** The kinds of all episodes that it makes. */
  readonly kinds: readonly string[];
}

/** Where a README and its connector differ, one sentence each; empty when they agree. */
export function readmeProblems(readme: string, { connector, packageName, kinds }: ReadmeSubject): readonly string[] {
  const { kind, pull, push } = connector;
  const documented = documentedKinds(readme);
  const made = new Set(kinds);
  const missing = (what: string, names: readonly string[]) =>
    names.filter((name) => !readme.includes(`\`${name}\``)).map((name) => `${what} \`${name}\` is missing`);
  return [
    ...(readme.startsWith(`# ${packageName}\n`) ? [] : [`the first line is not "# ${packageName}"`]),
    ...(readme.includes(`npm install ${packageName}`) ? [] : [`the line "npm install ${packageName}" is missing`]),
    ...(pull === undefined || readme.includes(`[[pull.${kind}]]`) ? [] : [`an example with [[pull.${kind}]] is missing`]),
    ...(push === undefined || readme.includes(`[[push.${kind}]]`) ? [] : [`an example with [[push.${kind}]] is missing`]),
    ...missing(
      "the pull option",
      describeOptions(pull?.config).map(({ key }) => key),
    ),
    ...missing(
      "the push option",
      describeOptions(push?.config).map(({ key }) => key),
    ),
    ...surplusOptions(readme, `## Options of \`[[pull.${kind}]]\``, pull?.config),
    ...surplusOptions(readme, `## Options of \`[[push.${kind}]]\``, push?.config),
    ...missing(
      "the right",
      [...(pull?.rights ?? []), ...(push?.rights ?? [])].map(({ name }) => name),
    ),
    ...documented.filter((each) => !made.has(each)).map((each) => `kind ${each} is listed under "## Episodes", and none is made`),
    ...[...made].filter((each) => !documented.includes(each)).map((each) => `kind ${each} is not listed under "## Episodes"`),
  ];
}

/** Rows of a table of options that are no options. */
function surplusOptions(readme: string, heading: string, schema: unknown): readonly string[] {
  const section = readme.split(`\n${heading}\n`)[1]?.split("\n## ", 1)[0] ?? "";
  const listed = Array.from(section.matchAll(/^\| `([a-z0-9_.]{1,100})` /gm), ([, key = ""]) => key);
  const known = new Set(describeOptions(schema).map(({ key }) => key));
  // A schema that shows no keys has none to compare with.
  if (known.size === 0) return [];
  return listed.filter((key) => !known.has(key)).map((key) => `\`${key}\` is listed under "${heading}", and is no option`);
}
