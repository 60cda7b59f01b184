import { expect, test } from "vitest";
import type { NoteChange } from "../src/note.ts";
import { toEpisodes } from "../src/to-episode.ts";
import { change } from "./change.ts";

function toEpisode(raw: NoteChange) {
  const [episode] = toEpisodes(raw);
  if (episode === undefined) throw new Error("a change becomes no episode");
  return episode;
}

test("says who did what first, then the text", () => {
  expect(toEpisode(change(7, { action: "edited" }))).toMatchObject({
    subject: "note:n7",
    kind: "example.note.edited",
    text: 'Ada edited the note "Note 7"\nThe text of note 7.',
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

test("names a note without a title and an author that is unknown", () => {
  const bare = change(1, { author: "", note: { id: "n1", title: " ", text: "" } });
  expect(toEpisode(bare).text).toMatch(/^Someone wrote the note "untitled"/);
  expect(toEpisode(bare).author).toEqual({ name: "Someone", kind: "anonymous" });
  expect(toEpisode(change(1)).author).toEqual({ name: "Ada", kind: "member" });
});

test("refuses what is no change of a note, and says where it differs", () => {
  const bare: unknown = { ...change(1), note: { id: "n1" } };
  expect(() => toEpisodes(bare)).toThrow(/at "note\.title"/);
});
