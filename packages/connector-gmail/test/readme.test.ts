import { readFileSync } from "node:fs";
import { readmeProblems } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { episodesOfEachKind } from "./each-kind.ts";

const textOf = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

test("the README lists exactly what there is: options, rights and the kinds that come", async () => {
  const { name: packageName } = JSON.parse(textOf("package.json")) as { readonly name: string };
  const kinds = [...(await episodesOfEachKind()).values()].flat().map(({ kind }) => kind);
  expect(readmeProblems(textOf("README.md"), { connector, packageName, kinds })).toEqual([]);
});
