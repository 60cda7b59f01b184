import { describeWithService } from "@statewave-connectors/testing/servers";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPostgresPullCursorStore } from "../src/index.ts";
import { ownSchema } from "./own-schema.ts";

const source = { kind: "github", name: "main" };
const hourMs = 60 * 60_000;
const decadeMs = 10 * 365 * 24 * hourMs;

describeWithService("postgres", "a row that the server wrote while its clock was ahead", (url) => {
  const { schema, pool } = ownSchema(url);
  let store: CursorStore;
  beforeAll(async () => {
    store = await openPostgresPullCursorStore({ url, schema });
  });
  afterAll(() => store.close());

  /** The row as the server's clock would have written it, so many milliseconds ahead of now. */
  async function rowAhead(columns: Readonly<Record<string, number | string>>): Promise<void> {
    const values = Object.entries(columns).map(([column, value]) => {
      if (typeof value === "string") return `${column} = '${value}'`;
      const nowMs = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
      return column === "updated_at"
        ? `updated_at = clock_timestamp() + interval '${value} milliseconds'`
        : `${column} = ${nowMs} + ${value}`;
    });
    await pool.query(`UPDATE ${schema}.statewave_runner_cursors SET ${values.join(", ")}`);
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
  beforeEach(async () => {
    await pool.query(`DELETE FROM ${schema}.statewave_runner_cursors`);
    await store.release(await granted(1), { type: "done" });
  });

  test.each([2 * 60_000, hourMs, decadeMs])("does not finish the dues of now: %d ms", async (byMs) => {
    await rowAhead({ finished_due_ms: byMs });
    const dueMs = Date.now() - 1_000;
    const lease = await granted(dueMs);
    expect(lease).toMatchObject({ dueMs, resumed: false });
    await store.release(lease, { type: "done" });
    expect(await store.list()).toMatchObject([{ finishedDueMs: dueMs }]);
    expect(await ask(dueMs)).toEqual({ granted: false, reason: "finished" });
  });

  test.each([hourMs, decadeMs])("does not make an unfinished run wait, which counts as one of now: %d ms", async (byMs) => {
    await rowAhead({ open_due_ms: byMs, resume_at_ms: byMs + hourMs });
    expect((await store.list())[0]).not.toHaveProperty("resumeInMs");
    const lease = await granted(Date.now() - 1_000);
    expect(lease.resumed).toBe(true);
    expect(Math.abs((lease.dueMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("does not make a run wait whose cursor was written ahead", async () => {
    await rowAhead({ open_due_ms: -hourMs, updated_at: hourMs, resume_at_ms: 2 * hourMs });
    expect(await granted(Date.now() - 1_000)).toMatchObject({ resumed: false });
  });

  test("keeps no source busy, and leaves nothing behind that does", async () => {
    await rowAhead({ lease_until_ms: decadeMs, lease_owner: "dead", open_due_ms: decadeMs, resume_at_ms: decadeMs });
    expect((await store.list())[0]).not.toHaveProperty("lease");
    await store.release(await granted(), { type: "done" });
    expect(await granted(Date.now() - 1_000)).toMatchObject({ resumed: true });
  });

  test("still makes a run wait whose times are right", async () => {
    await rowAhead({ open_due_ms: -1_000, resume_at_ms: hourMs });
    expect(await ask(Date.now() - 500)).toMatchObject({ granted: false, reason: "waiting" });
    await store.release(await granted(), { type: "done" });
    expect(await ask(Date.now() - 500)).toMatchObject({ granted: false, reason: "waiting" });
  });
});
