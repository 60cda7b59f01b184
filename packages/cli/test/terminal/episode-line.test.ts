import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { episodeLine } from "../../src/terminal/episode-line.ts";

const line = (text: unknown) => episodeLine({ occurred_at: "2026-01-01T00:00:00Z", kind: "notes.note", text } as Episode);

test("an episode is shown on one line, with the first line of its text", () => {
  expect(line("first\u001b[31m\nsecond")).toBe("2026-01-01T00:00:00Z  notes.note  first [31m\n");
});

test.each([null, undefined, 7, { html: "<p>" }])("an episode whose text is %o is shown, too", (text) => {
  expect(line(text)).toMatch(/^2026-01-01T00:00:00Z {2}notes\.note {2}\S.*\n$/);
});
