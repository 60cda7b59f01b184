import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { episodesOf, examples, type Payload } from "./open-receiver.ts";
import { openSource, read } from "./open-source.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const at = "2026-01-31T09:00:00Z";
const sorted = (kinds: ReadonlySet<string>) => [...kinds].toSorted();

const changes = { title: { from: "former words" }, body: { from: "former words" } };
const closed = { state: "closed", closed_at: at };

/** What GitHub's published examples lack: edits that say what they changed, closings, merges, comments on pull requests. */
const variants: Readonly<Record<string, (payload: Payload) => readonly unknown[]>> = {
  issues: (payload) => [
    { ...payload, changes },
    { ...payload, issue: { ...payload["issue"], ...closed } },
  ],
  pull_request: (payload) => [
    { ...payload, action: "edited", changes },
    { ...payload, pull_request: { ...payload["pull_request"], ...closed, merged_at: at } },
  ],
  issue_comment: (payload) => [
    { ...payload, changes },
    { ...payload, changes, issue: { ...payload["issue"], pull_request: {} } },
  ],
  pull_request_review: (payload) => [{ ...payload, action: "edited", changes }],
};

test("the README lists exactly the kinds that a webhook brings", async () => {
  const kinds = new Set<string>();
  for (const { name, examples: payloads } of examples) {
    const varied = payloads.flatMap((payload) => variants[name]?.(payload) ?? []);
    for (const payload of [...payloads, ...varied]) for (const { kind } of await episodesOf(name, payload)) kinds.add(kind);
  }
  expect(sorted(kinds)).toEqual(documentedKinds(readme, "push"));
});

test("the README lists exactly the kinds that a pull brings", async () => {
  const { source } = await openSource({ issues: 100, comments: 50, reviewComments: 5, releases: 2 });
  const { episodes } = await read(source);
  expect(sorted(new Set(episodes.map(({ kind }) => kind)))).toEqual(documentedKinds(readme, "pull"));
});
