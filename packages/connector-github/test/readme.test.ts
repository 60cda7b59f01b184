import { readFileSync } from "node:fs";
import { documentedKinds } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { episodesOf, examples, type Payload } from "./open-receiver.ts";
import { optInVariants } from "./opt-in-payloads.ts";
import { openSource, read } from "./open-source.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const at = "2026-01-31T09:00:00Z";
const hourMs = 3_600_000;
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
  for (const [name, , payload] of optInVariants) for (const { kind } of await episodesOf(name, payload)) kinds.add(kind);
  expect(sorted(kinds)).toEqual(documentedKinds(readme, "push"));
});

test("the README lists exactly the kinds that a pull brings", async () => {
  const { fake, clock, source } = await openSource({ issues: 100, comments: 50, reviewComments: 5, releases: 2 });
  const { repository } = fake;
  const [issue, pull] = [repository.addIssue(), repository.addIssue({ isPull: true })];
  const comments = [issue, pull].map((number) => repository.addComment(number));
  const onCode = repository.addReviewComment(pull);
  const review = repository.addReview(pull, { state: "APPROVED", body: "fine" });
  await clock.advance(hourMs);
  const first = await read(source);
  for (const number of [issue, pull]) {
    repository.closeIssue(number);
    repository.reopenIssue(number);
    repository.editIssue(number, { title: "Other words" });
  }
  for (const id of comments) repository.editComment(id, { body: "other words" });
  repository.editReviewComment(onCode, { body: "other words" });
  repository.editReview(pull, review, { body: "other words" });
  await clock.advance(hourMs);
  const second = await read(source, first.cursor);
  const kinds = new Set([...first.episodes, ...second.episodes].map(({ kind }) => kind));
  expect(sorted(kinds)).toEqual(documentedKinds(readme, "pull"));
});
