import { expect, test } from "vitest";
import { ConnectorsError, type Episode, mapItems } from "../../src/index.ts";

interface Ticket {
  readonly id: number;
  readonly title?: string;
}

const toEpisodes = ({ id, title }: Ticket): Episode[] =>
  ["opened", "closed"].map((what) => ({
    subject: "tickets",
    kind: `ticket.${what}`,
    text: title!.trim(),
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "ticket", id: String(id) },
    idempotency_key: `${id}:${what}`,
  }));
const mapping = { id: ({ id }: Ticket) => id.toString(), map: toEpisodes };

test("an item that cannot be mapped costs no other item its episodes", () => {
  const broken: Ticket = { id: 2 };
  const { episodes, failures } = mapItems([{ id: 1, title: "a" }, broken, { id: 3, title: "c" }], mapping);
  expect(episodes.map((episode) => episode.idempotency_key)).toEqual(["1:opened", "1:closed", "3:opened", "3:closed"]);
  expect(failures).toEqual([{ id: "2", error: expect.any(TypeError), raw: broken }]);
});

test("an item that failed is kept in the form that the connector maps again", () => {
  const { failures } = mapItems([{ id: 2 }], { ...mapping, raw: ({ id }) => ({ kept: id }) });
  expect(failures).toMatchObject([{ id: "2", raw: { kept: 2 } }]);
});

test("an item of which not even the kept form can be made fails for itself, and is kept as it is", () => {
  const items = [null, { id: 1, title: "a" }] as unknown as Ticket[];
  const { episodes, failures } = mapItems(items, { ...mapping, raw: ({ id }) => ({ kept: id }) });
  expect([episodes.length, failures]).toMatchObject([2, [{ id: "", raw: null }]]);
});

test("an item is named by its own id where the connector names none", () => {
  const items = [{ id: 7 }, { id: "t-8" }, {}] as unknown as Ticket[];
  expect(mapItems(items, { map: toEpisodes }).failures.map(({ id }) => id)).toEqual(["7", "t-8", ""]);
});

test("an item that has not even an id fails for itself", () => {
  const items = [null, { id: 7, title: "x" }, undefined] as unknown as Ticket[];
  const { episodes, failures } = mapItems(items, mapping);
  expect(episodes).toHaveLength(2);
  expect(failures).toMatchObject([
    { id: "", raw: null },
    { id: "", raw: undefined },
  ]);
});

test("nothing of an item is kept whose mapping fails half way", () => {
  const half = function* (): Generator<Episode> {
    yield* toEpisodes({ id: 1, title: "a" });
    throw new Error("half way");
  };
  const lazy = half as unknown as () => Episode[];
  const { episodes, failures } = mapItems([{ id: 1 }], { id: () => "1", map: lazy });
  expect([episodes, failures.length]).toEqual([[], 1]);
});

test("an error that says nothing about the item ends the page", () => {
  const away = new ConnectorsError({ code: "TINY_AWAY", message: "away", retryable: true });
  expect(() =>
    mapItems([{ id: 1 }], {
      id: () => "1",
      map: () => {
        throw away;
      },
    }),
  ).toThrow(away);
});
