import { expect, test } from "vitest";
import { keysOf, minute, openDesk } from "./open-desk.ts";

test("a page of more than 32 MiB ends neither the run nor the stream", async () => {
  const { desk, requests, pull } = await openDesk({ eventPageSizes: "ignored" });
  const ticket = desk.open({ at: minute(0) });
  const words = "words ".repeat(500_000);
  for (let count = 0; count < 4; count += 1) desk.comment(ticket, { body: words, html: words, at: minute(count + 1) });
  desk.comment(ticket, { body: "afterwards", at: minute(10) });
  const pages = await (await pull()).walk();

  expect(keysOf(pages)).toHaveLength(6);
  expect(pages.at(-1)?.episodes.at(-1)?.text).toContain("afterwards");
  const exports = requests.filter((path) => path.startsWith("incremental/ticket_events"));
  expect(exports.map((path) => path.includes("include="))).toEqual([true, true, false]);
});
