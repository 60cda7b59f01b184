import { readFileSync } from "node:fs";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { describeGoldenKeys, documentedKinds } from "@statewave-connectors/testing";
import type { FakeRepository } from "../src/testing/fake-repository.ts";
import { episodesOf, example, examples } from "./open-receiver.ts";
import { optInVariants } from "./opt-in-payloads.ts";
import { openSource, read } from "./open-source.ts";

const at = "2026-01-31T09:00:00Z";
const hourMs = 3_600_000;
const closed = { state: "closed", closed_at: at };
const changes = { title: { from: "former words" }, body: { from: "former words" } };
const onPull = { issue: { pull_request: {} }, changes };

/** What the published examples lack: closings, merges, edits that say what they changed, comments on pull requests. */
const variants: readonly (readonly [event: string, action: string, payload: unknown])[] = [
  ["issues", "closed", example("issues", "opened", { action: "closed", issue: closed })],
  ["issues", "edited", example("issues", "edited", { changes })],
  ["pull_request", "merged", example("pull_request", "closed", { pull_request: { ...closed, merged_at: at } })],
  ["pull_request", "edited", example("pull_request", "opened", { action: "edited", changes })],
  ["issue_comment", "created on a pull request", example("issue_comment", "created", onPull)],
  ["issue_comment", "edited on a pull request", example("issue_comment", "edited", onPull)],
  ["issue_comment", "deleted on a pull request", example("issue_comment", "deleted", onPull)],
  ["pull_request_review", "edited", example("pull_request_review", "submitted", { action: "edited", changes })],
];

async function addPushed(made: Map<string, readonly Episode[]>): Promise<void> {
  for (const { name, examples: payloads } of examples) {
    for (const [index, payload] of payloads.entries()) made.set(`push example ${name} ${index}`, await episodesOf(name, payload));
  }
  for (const [event, what, payload] of [...variants, ...optInVariants])
    made.set(`push ${event} ${what}`, await episodesOf(event, payload));
}

/** One item of each kind, then one of each change of it. */
function addThings(repository: FakeRepository): () => void {
  const [issue, pull] = [repository.addIssue(), repository.addIssue({ isPull: true })];
  const comments = [issue, pull].map((number) => repository.addComment(number));
  const onCode = repository.addReviewComment(pull);
  const review = repository.addReview(pull, { state: "APPROVED", body: "fine" });
  const dismissed = repository.addReview(pull, { state: "CHANGES_REQUESTED", body: "not yet" });
  return () => {
    for (const number of [issue, pull]) {
      repository.closeIssue(number);
      repository.reopenIssue(number);
      repository.editIssue(number, { title: "Other words" });
    }
    for (const id of comments) repository.editComment(id, { body: "other words" });
    repository.editReviewComment(onCode, { body: "other words" });
    repository.editReview(pull, review, { body: "other words" });
    repository.editReview(pull, dismissed, { state: "DISMISSED" });
  };
}

async function addPulled(made: Map<string, readonly Episode[]>): Promise<void> {
  const { fake, clock, source } = await openSource({
    issues: 12,
    comments: 4,
    reviewComments: 3,
    releases: 2,
    reviewsPerPull: 1,
  });
  const change = addThings(fake.repository);
  await clock.advance(hourMs);
  const first = await read(source);
  change();
  await clock.advance(hourMs);
  const second = await read(source, first.cursor);
  for (const episode of [...first.episodes, ...second.episodes]) {
    made.set(`pull ${episode.kind} ${episode.source.id} of ${episode.occurred_at}`, [episode]);
  }
}

describeGoldenKeys({
  file: new URL("fixtures/golden-keys.json", import.meta.url),
  kinds: documentedKinds(readFileSync(new URL("../README.md", import.meta.url), "utf8")),
  async make() {
    const made = new Map<string, readonly Episode[]>();
    await addPushed(made);
    await addPulled(made);
    return made;
  },
});
