import { expect, test } from "vitest";
import { claimingMore, hasMore, type ListShape, readList, toResponse } from "../../src/describe-connector/list-shape.ts";

const tickets: ListShape = { items: "tickets", end: "end_of_stream", next: "after_cursor" };
const articles: ListShape = { items: "articles", next: "links.next", nextIsLink: true };
const request = { method: "GET", url: new URL("https://desk.invalid/articles?page=2"), headers: new Headers(), body: "" };

async function listOf(body: unknown) {
  const answer = await readList([tickets, articles], Response.json(body));
  if (answer === undefined) throw new Error("the answer is no page of a list");
  return answer;
}

test("reads a page by the first form whose items it has, and nothing else", async () => {
  expect((await listOf({ articles: [1] })).shape).toBe(articles);
  expect(await readList([tickets], Response.json({ articles: [1] }))).toBeUndefined();
  expect(await readList([tickets], Response.json({ tickets: [1] }, { status: 500 }))).toBeUndefined();
});

test("finds the end of a list by the flag that names the last page", async () => {
  expect(hasMore(await listOf({ tickets: [], end_of_stream: false }))).toBe(true);
  expect(hasMore(await listOf({ tickets: [], end_of_stream: true, after_cursor: "c" }))).toBe(false);
});

test("claims more without a position, or with a link to the same page", async () => {
  const lastTickets = await listOf({ tickets: [], end_of_stream: true, after_cursor: "c" });
  expect(await toResponse(claimingMore(lastTickets, request)).json()).toEqual({
    tickets: [],
    end_of_stream: false,
    after_cursor: null,
  });
  const lastArticles = await listOf({ articles: [], links: { next: null } });
  expect(await toResponse(claimingMore(lastArticles, request)).json()).toEqual({
    articles: [],
    links: { next: request.url.href },
  });
});
