import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { requestInBatches } from "../../src/paging/index.ts";
import { seededRandom } from "../seeded-random.ts";
import { acme, collect, overloaded } from "./overloaded.ts";

const idsOf = (length: number) => Array.from({ length }, (_, index) => `id ${index}`);

/** Picks at most three of any fifteen ids in a row: a broken id then has a sound one among the first three that are requested beside it. */
function pickSparsely(ids: readonly string[], isPicked: () => boolean): readonly string[] {
  const picked: number[] = [];
  for (const index of ids.keys()) {
    if (isPicked() && index - (picked.at(-3) ?? -15) >= 15) picked.push(index);
  }
  return ids.filter((_, index) => picked.includes(index));
}

function ask(ids: readonly string[], poisoned: readonly string[], probe?: () => Promise<void>) {
  const asked: (readonly string[])[] = [];
  const batches = requestInBatches({
    ids,
    signal: acme.signal,
    ...(probe === undefined ? {} : { probe }),
    request: async (batch) => {
      asked.push(batch);
      if (batch.some((id) => poisoned.includes(id))) throw overloaded();
      return batch.map((id) => `answer to ${id}`);
    },
  });
  return { asked, batches };
}

test("requests a hundred at a time", async () => {
  const { asked, batches } = ask(idsOf(250), []);
  const { values } = await collect(batches);

  expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(values.flatMap(({ answer }) => answer)).toEqual(idsOf(250).map((id) => `answer to ${id}`));
});

test("cuts down to the one id that breaks its batch, leaves it out, and gets all others", async () => {
  const { asked, batches } = ask(idsOf(100), ["id 43"]);
  const { values, error } = await collect(batches);

  expect(error).toBeUndefined();
  expect(values.flatMap(({ answer }) => answer ?? [])).toHaveLength(99);
  expect(values.flatMap(({ failures }) => failures)).toEqual([
    { id: "id 43", error: expect.objectContaining({ code: "ACME_UNAVAILABLE" }) },
  ]);
  expect(asked.length).toBeLessThan(25);
});

test("every id comes in exactly one batch, whichever are broken", async () => {
  const random = seededRandom();
  for (let round = 0; round < 50; round += 1) {
    const ids = idsOf(1 + Math.floor(random() * 300));
    const poisoned = pickSparsely(ids, () => random() < 0.02);
    if (poisoned.length === ids.length) continue;
    const { values, error } = await collect(ask(ids, poisoned, async () => undefined).batches);
    expect(error).toBeUndefined();
    expect(values.flatMap((batch) => batch.ids).toSorted()).toEqual(ids.toSorted());
    expect(values.flatMap(({ failures }) => failures.map(({ id }) => id)).toSorted()).toEqual(poisoned.toSorted());
  }
});

test("an id is left out although its first neighbours are broken as well", async () => {
  const poisoned = ["id 0", "id 5", "id 7"];
  const { values, error } = await collect(ask(idsOf(20), poisoned).batches);

  expect(error).toBeUndefined();
  expect(values.flatMap(({ failures }) => failures.map(({ id }) => id))).toEqual(poisoned);
});

test("a lone id is left out only when a probe shows that the provider is well", async () => {
  const well = await collect(ask(["id 0"], ["id 0"], async () => undefined).batches);
  const ill = await collect(ask(["id 0"], ["id 0"], () => Promise.reject(overloaded())).batches);
  const unknown = await collect(ask(["id 0"], ["id 0"]).batches);

  expect(well.values).toEqual([{ ids: ["id 0"], answer: undefined, failures: [{ id: "id 0", error: expect.anything() }] }]);
  expect(ill).toMatchObject({ values: [], error: { code: "ACME_UNAVAILABLE" } });
  expect(unknown).toMatchObject({ values: [], error: { code: "ACME_UNAVAILABLE" } });
});

test("an id is not requested one by one from a provider that answers nothing", async () => {
  const { asked, batches } = ask(idsOf(500), idsOf(500));

  expect((await collect(batches)).error).toMatchObject({ code: "ACME_UNAVAILABLE" });
  expect(asked.length).toBeLessThan(10);
});

test("what fewer ids do not help against ends it at once", async () => {
  const batches = requestInBatches({
    ids: idsOf(10),
    signal: acme.signal,
    request: () => Promise.reject(new TypeError("a defect")),
  });

  expect((await collect(batches)).error).toBeInstanceOf(TypeError);
});

test("requests one batch ahead while another is delivered, and no more of them", async () => {
  const asked: number[] = [];
  const request = async (batch: readonly string[]) => asked.push(batch.length);
  const batches = requestInBatches({ ids: idsOf(450), signal: acme.signal, isAhead: true, request });
  const seen: number[][] = [];
  for await (const { ids } of batches) seen.push([ids.length, asked.length]);

  expect(seen).toEqual([
    [100, 2],
    [100, 3],
    [100, 4],
    [100, 5],
    [50, 5],
  ]);
});

test("a batch that is requested ahead and fails ends the walk behind the one before it", async () => {
  const request = async (batch: readonly string[]) => {
    if (batch.includes("id 150")) throw new Error("broken");
    return batch.length;
  };
  const { values, error } = await collect(requestInBatches({ ids: idsOf(300), signal: acme.signal, isAhead: true, request }));

  expect([values.length, error]).toEqual([1, new Error("broken")]);
});

test("what is requested ahead has ended before the walk ends", async () => {
  const ended: string[] = [];
  const request = async (batch: readonly string[]) => {
    await nextTurn();
    ended.push(batch[0] ?? "");
    return batch.length;
  };
  for await (const { ids } of requestInBatches({ ids: idsOf(300), signal: acme.signal, isAhead: true, request })) {
    expect(ids[0]).toBe("id 0");
    break;
  }

  expect(ended).toEqual(["id 0", "id 100"]);
});

test("requests ahead in smaller batches, too, and gets each id once", async () => {
  const request = async (batch: readonly string[]) => {
    if (batch.includes("id 43") || batch.includes("id 190")) throw overloaded();
    return batch.map((id) => `answer to ${id}`);
  };
  const { values } = await collect(requestInBatches({ ids: idsOf(300), signal: acme.signal, isAhead: true, request }));

  expect(values.flatMap(({ ids }) => ids)).toEqual(idsOf(300));
  expect(values.flatMap(({ failures }) => failures.map(({ id }) => id))).toEqual(["id 43", "id 190"]);
});
