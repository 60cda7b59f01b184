import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { toEpisode } from "../src/to-episode.ts";
import { change } from "./fake-provider.ts";

test("the README lists exactly the kinds that come", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const actions = ["written", "edited", "deleted"] as const;
  const kinds = actions.map((action, at) => toEpisode(change(at, { action })).kind);
  expect(kinds.toSorted()).toEqual(documentedKinds(readme));
});
