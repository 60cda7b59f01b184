import { describe, expect, test } from "vitest";
import type { FakeIntercomOptions } from "../src/testing/index.ts";
import { episodesIn, openPull } from "./open-fake.ts";

const settings: readonly (readonly [string, FakeIntercomOptions])[] = [
  ["as documented", {}],
  ["whose answers name no version", { namesVersion: false }],
  ["whose searches count nothing", { counts: false }],
  ["whose token names no workspace", { hidesApp: true }],
  ["where > takes the named second, too", { greaterIsInclusive: true }],
  ["whose index lags by four minutes", { indexLagSeconds: 240 }],
];

describe.each(settings)("a workspace %s", (_, setting) => {
  test("is read whole, then what is new, and then nothing", async () => {
    const { fake, clock, walk } = await openPull({ ...setting, conversations: 60, comments: 0 });
    const { workspace } = fake;
    const first = await walk();
    await clock.advance(3_600_000);
    const [changed = ""] = workspace.ids;
    workspace.reply(changed, { body: "<p>something new</p>" });
    const { id } = workspace.start();
    await clock.advance(600_000);
    const second = await walk(first.at(-1)?.cursor);
    await clock.advance(600_000);
    const third = await walk(second.at(-1)?.cursor ?? first.at(-1)?.cursor);

    const sessionsIn = (pages: typeof first) => new Set(episodesIn(pages).map(({ session }) => session));
    expect(sessionsIn(first).size).toBe(60);
    expect(sessionsIn(second)).toEqual(new Set([`intercom-abc12de3-${changed}`, `intercom-abc12de3-${id}`]));
    expect(
      episodesIn(second)
        .map(({ text }) => text)
        .join(),
    ).toContain("something new");
    expect(episodesIn(third)).toEqual([]);
    expect(fake.refused).toEqual([]);
  });
});
