import { expect, test } from "vitest";
import { toEpisode } from "../src/to-episode.ts";
import { change } from "./fake-provider.ts";

test("says who did what first, then the text", () => {
  expect(toEpisode(change(7, { action: "edited" }))).toMatchObject({
    subject: "note:n7",
    kind: "example.note.edited",
    text: 'Ada edited the note "Note 7"\n\nThe text of note 7.',
    source: { type: "example.note", id: "n7" },
  });
});

test("says of a deleted note only that it is gone", () => {
  expect(toEpisode(change(7, { action: "deleted" })).text).toBe('Ada deleted the note "Note 7"');
});

test("gives every change of a note its own key", () => {
  const keys = [change(1), change(2, { action: "edited" }), change(3, { action: "edited" })].map(
    (each) => toEpisode(each).idempotency_key,
  );
  expect(new Set(keys).size).toBe(3);
});

test("has words for a note without title and author", () => {
  const bare = change(1, { author: "", note: { id: "n1", title: " ", text: "" } });
  expect(toEpisode(bare).text).toMatch(/^Somebody wrote the note "untitled"/);
});
