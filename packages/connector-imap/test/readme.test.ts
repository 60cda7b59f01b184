import { readFileSync } from "node:fs";
import { readmeProblems } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { allEpisodes } from "./all-episodes.ts";

function textOf(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
}

test("the README lists exactly what there is: options, rights and the kinds that come", () => {
  const kinds = [...allEpisodes().values()].flat().map(({ kind }) => kind);
  const { name: packageName } = JSON.parse(textOf("package.json")) as { readonly name: string };
  expect(readmeProblems(textOf("README.md"), { connector, packageName, kinds })).toEqual([]);
});
