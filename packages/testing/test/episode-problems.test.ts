import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { episodeProblems } from "../src/episode-problems.ts";

const sound: Episode = {
  subject: "tiny:all",
  kind: "tiny.item.found",
  text: "an item",
  occurred_at: "2025-01-01T00:00:00Z",
  source: { type: "tiny.item", id: "1" },
  idempotency_key: "0".repeat(32),
  title: "An item",
  breadcrumb: "Shelf > Items",
  author: { name: "alice", kind: "member", verifiedBy: "tiny.role" },
  outcome: { status: "found", reason: "bob looked" },
  candidates: [{ kind: "domain_fact", text: "There is an item." }],
};

test("an episode with everything is sound", () => {
  expect(episodeProblems(sound, "tiny")).toEqual([]);
});

test.each<[Partial<Episode>, string]>([
  [{ title: "" }, "title is empty"],
  [{ breadcrumb: "x".repeat(513) }, "breadcrumb has 513 characters, at most 512 are taken"],
  [{ author: { name: " ", kind: "bot" } }, "author.name is empty"],
  [{ author: { name: "eve", kind: "admin" as "bot" } }, 'author.kind "admin" is none'],
  [{ author: { name: "eve", kind: "bot", verifiedBy: "" } }, "author.verifiedBy is empty"],
  [{ outcome: { status: "x".repeat(65) } }, "outcome.status has 65 characters, at most 64 are taken"],
  [{ outcome: { status: "done", reason: "" } }, "outcome.reason is empty"],
  [{ candidates: [{ kind: "opinion" as "procedure", text: "a" }] }, 'candidates.kind "opinion" is none'],
  [{ candidates: [{ kind: "procedure", text: "" }] }, "candidates.text is empty"],
  [
    { candidates: Array.from({ length: 51 }, () => ({ kind: "procedure", text: "a" }) as const) },
    "51 candidates, at most 50 are taken",
  ],
])("%# what is wrong with an episode is named", (change, problem) => {
  expect(episodeProblems({ ...sound, ...change }, "tiny")).toEqual([problem]);
});
