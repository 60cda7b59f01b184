import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { toEpisodes } from "../src/to-episode.ts";
import { change } from "./fake-provider.ts";

test("the README lists exactly the kinds that come", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const actions = ["written", "edited", "deleted"] as const;
  const kinds = actions.flatMap((action, at) => toEpisodes(change(at + 1, { action })).map(({ kind }) => kind));
  expect(kinds.toSorted()).toEqual(documentedKinds(readme));
});
