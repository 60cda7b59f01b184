import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test } from "vitest";
import { hourMs, openSource, read } from "./open-source.ts";

test("tickets that change while they are listed are neither passed over nor lost, also by runs that are cut off", async () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const random = seededRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const { fake, clock, source, reopen } = await openSource({ tickets: 330, agents: 1, entry: { ratings: false } });
  const { desk } = fake;
  const told = new Set<string>();
  const tell = (episodes: readonly { readonly metadata?: Readonly<Record<string, unknown>> }[]) => {
    for (const { metadata } of episodes) {
      const id = metadata?.["conversation_id"];
      told.add(typeof id === "string" ? id : `ticket ${JSON.stringify(metadata?.["ticket_id"]).replaceAll('"', "")}`);
    }
  };
  const written: string[] = [];
  const work = async () => {
    await clock.advance(1 + pick(3_000));
    if (pick(3) === 0) written.push(`ticket ${desk.addTicket()}`);
    else written.push(String(desk.addConversation(1 + pick(330))));
  };
  let cursor: string | undefined;
  for (let run = 0; run < 6; run += 1) {
    let left = 1 + pick(40);
    for await (const page of (await reopen()).pages(cursor, new AbortController().signal)) {
      tell(page.episodes);
      cursor = page.cursor ?? cursor;
      for (let change = pick(4); change > 0; change -= 1) await work();
      if ((left -= 1) === 0) break;
    }
  }
  await clock.advance(hourMs);
  tell((await read(source, cursor)).episodes);

  const all = Array.from({ length: 330 }, (_, at) => `ticket ${at + 1}`);
  expect({ seed, missing: [...all, ...written].filter((each) => !told.has(each)) }).toEqual({ seed, missing: [] });
});
