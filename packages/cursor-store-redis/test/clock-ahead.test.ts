import { describeWithService } from "@statewave-connectors/testing/servers";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openRedisPullCursorStore } from "../src/index.ts";
import { testPlace, testUrl } from "./test-redis.ts";

const source = { kind: "github", name: "main" };
const hourMs = 60 * 60_000;
const decadeMs = 10 * 365 * 24 * hourMs;

describeWithService("redis", "a row that the server wrote while its clock was ahead", () => {
  const { keyPrefix, client, empty, end } = testPlace();
  let store: CursorStore;
  beforeAll(async () => {
    store = await openRedisPullCursorStore({ url: testUrl, keyPrefix });
  });
  afterAll(async () => {
    await store.close();
    await end();
  });

  /** The row as the server's clock would have written it, so many milliseconds ahead of now. */
  async function rowAhead(fields: Readonly<Record<string, number>>, owner?: string): Promise<void> {
    const times = Object.fromEntries(Object.entries(fields).map(([name, byMs]) => [name, Date.now() + byMs]));
    await client.hset(`${keyPrefix}leases`, "github/main", JSON.stringify({ epoch: 7, ...times, ...(owner && { owner }) }));
  }
  async function ask(dueMs: number | undefined) {
    const [answer] = await store.acquire([{ source, owner: "me", ttlMs: 30_000, ...(dueMs === undefined ? {} : { dueMs }) }]);
    return answer;
  }
  async function granted(dueMs?: number): Promise<Lease> {
    const answer = await ask(dueMs);
    if (answer?.granted !== true) throw new Error(JSON.stringify(answer));
    return answer.lease;
  }
  beforeEach(empty);

  test.each([2 * 60_000, hourMs, decadeMs])("does not finish the dues of now: %d ms", async (byMs) => {
    await rowAhead({ finishedDueMs: byMs });
    const dueMs = Date.now() - 1_000;
    const lease = await granted(dueMs);
    expect(lease).toMatchObject({ dueMs, resumed: false });
    await store.release(lease, { type: "done" });
    expect(await store.list()).toMatchObject([{ finishedDueMs: dueMs }]);
    expect(await ask(dueMs)).toEqual({ granted: false, reason: "finished" });
  });

  test.each([hourMs, decadeMs])("does not make an unfinished run wait, which counts as one of now: %d ms", async (byMs) => {
    await rowAhead({ openDueMs: byMs, resumeAtMs: byMs + hourMs });
    expect((await store.list())[0]).not.toHaveProperty("resumeInMs");
    const lease = await granted(Date.now() - 1_000);
    expect(lease.resumed).toBe(true);
    expect(Math.abs((lease.dueMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("does not make a run wait whose cursor was written ahead", async () => {
    await rowAhead({ openDueMs: -hourMs, updatedAtMs: hourMs, resumeAtMs: 2 * hourMs });
    expect(await granted(Date.now() - 1_000)).toMatchObject({ resumed: false });
  });

  test("keeps no source busy, and leaves nothing behind that does", async () => {
    await rowAhead({ lapsesAtMs: decadeMs, openDueMs: decadeMs, resumeAtMs: decadeMs }, "dead");
    expect((await store.list())[0]).not.toHaveProperty("lease");
    await store.release(await granted(), { type: "done" });
    expect(await granted(Date.now() - 1_000)).toMatchObject({ resumed: true });
  });

  test("still makes a run wait whose times are right", async () => {
    await rowAhead({ openDueMs: -1_000, resumeAtMs: hourMs });
    expect(await ask(Date.now() - 500)).toMatchObject({ granted: false, reason: "waiting" });
    await store.release(await granted(), { type: "done" });
    expect(await ask(Date.now() - 500)).toMatchObject({ granted: false, reason: "waiting" });
  });
});
