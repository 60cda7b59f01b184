import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it } from "vitest";
import { openInbox } from "../src/index.ts";
import { claimQueries } from "../src/worker/claims.ts";
import { openDatabase } from "../src/worker/open-database.ts";
import { contextOf, eventOf, openIn, temporaryFolder } from "./temporary-folder.ts";

describe("a large backlog", () => {
  it.each(Object.entries(claimQueries))("is claimed from by the index alone: %s", (_, sql) => {
    const database = openDatabase(join(temporaryFolder(), "inbox.sqlite"));
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row["detail"]));
    database.close();
    expect(plan).toHaveLength(1);
    expect(plan[0]).toMatch(/^SEARCH items USING (COVERING )?INDEX items_by_readiness \(source=\? AND not_before/);
  });

  it("gives its disk space back once it is drained", async () => {
    const folder = temporaryFolder();
    const inbox = await openIn(folder);
    const body = "x".repeat(64 * 1024);
    await Promise.all(Array.from({ length: 600 }, () => inbox.accept(eventOf(body))));
    const consumer = inbox.consume(async () => ({ type: "done" }));
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    await consumer.stop(new AbortController().signal);
    const bytes = () => statSync(join(folder, "inbox.sqlite")).size + statSync(join(folder, "inbox.sqlite-wal")).size;
    // Down to the 16 MiB that are kept for what comes next.
    await expect.poll(bytes).toBeLessThan(18 * 1024 * 1024);
  });
});

describe("the memory of ids", () => {
  it("forgets expired ids as new ones come, so that it does not grow for ever", async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const limits = { ...defaultInboxLimits, dedupWindowMs: 60_000 };
    const inbox = await openInbox({}, limits, { ...contextOf(folder), clock });
    for (let minute = 0; minute < 5; minute += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => inbox.accept(eventOf("a", `${minute}-${index}`))));
      clock.set(clock.now() + 60_000);
    }
    await inbox.close();
    const database = new DatabaseSync(join(folder, "inbox.sqlite"), { readOnly: true });
    expect(Number(database.prepare("SELECT count(*) AS count FROM seen").get()?.["count"])).toBeLessThanOrEqual(200);
    database.close();
  });
});
