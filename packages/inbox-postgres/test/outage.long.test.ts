import type { Inbox, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { describeWithService, startTcpProxy, type TcpProxy } from "@statewave-connectors/testing/servers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { event, open } from "./item.ts";
import { ownSchemas } from "./own-schema.ts";

const unavailable = { code: "INBOX_UNAVAILABLE", retryable: true };

describeWithService("postgres", "a Postgres inbox whose server falls silent", (url) => {
  const { nameOf } = ownSchemas(url);
  let proxy: TcpProxy;
  let inbox: Inbox;
  let direct: Inbox;
  beforeEach(async ({ task }) => {
    const schema = nameOf(task.id);
    proxy = await startTcpProxy(url);
    inbox = await open(proxy.url, schema);
    direct = await open(url, schema);
  });
  afterEach(async () => {
    await Promise.all([inbox.close(), direct.close()]);
    await proxy.close();
  });

  test("refuses events, retryable, when the connection is dead without an error, and takes them again on a new one", async () => {
    const texts = collect(inbox);
    await inbox.accept(event("a"));
    await expect.poll(() => texts).toEqual(["a"]);
    proxy.setMode("black-hole");
    await expect(inbox.accept(event("lost"))).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    await expect.poll(() => inbox.accept(event("b")).catch(() => "refused")).toBe("fresh");
    await direct.accept(event("c"));
    await expect.poll(() => texts.toSorted()).toEqual(["a", "b", "c"]);
    await expect.poll(async () => (await direct.stats()).depth).toBe(0);
  });

  test("settles each item once, in whatever way, although the first call got no answer", async () => {
    const settlements: Readonly<Record<string, readonly Settlement[]>> = {
      done: [{ type: "done" }],
      retried: [{ type: "retry", afterMs: 0 }, { type: "done" }],
      dead: [{ type: "dead", reason: "no" }],
    };
    for (const id of Object.keys(settlements)) await inbox.accept(event(id));
    const settle = Promise.withResolvers<void>();
    const held = new Set<string>();
    inbox.consume(async ({ item, attempt }) => {
      const id = item.type === "event" ? item.id! : "";
      held.add(id);
      await settle.promise;
      return settlements[id]?.[attempt] ?? { type: "done" };
    });
    await expect.poll(() => held.size).toBe(3);
    proxy.setMode("swallow-replies");
    settle.resolve();
    await expect(inbox.accept(event("unanswered"))).rejects.toMatchObject(unavailable);
    proxy.setMode("open");
    await expect.poll(async () => (await direct.stats()).depth).toBe(0);
    expect(held).toContain("unanswered");
    expect(await direct.listDeadLetters()).toMatchObject([{ type: "event", reason: "no" }]);
  });

  test("closes all the same", async () => {
    await inbox.accept(event("a"));
    proxy.setMode("black-hole");
    await inbox.close();
    await expect(inbox.accept(event("b"))).rejects.toMatchObject({ code: "INBOX_CLOSED" });
    expect((await direct.stats()).depth).toBe(1);
  });
});

/** The ids of what a consumer was handed; it settles everything as done. */
function collect(inbox: Inbox): readonly string[] {
  const ids: string[] = [];
  inbox.consume(async ({ item }) => {
    if (item.type === "event") ids.push(item.id ?? "");
    return { type: "done" };
  });
  return ids;
}
