import { describeCursorStore } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import { InMemoryPullCursorStore } from "../src/index.ts";

describeCursorStore({
  name: "in memory",
  capabilities: { clock: "injected", persistent: false, shared: false, records: true },
  open: ({ clock }) => new InMemoryPullCursorStore({ clock }),
});

test("goes by the machine's clock when it is given none", async () => {
  const store = new InMemoryPullCursorStore();
  const source = { kind: "github", name: "main" };
  await store.set(source, "here");
  const [state] = await store.list();
  expect(Math.abs(state!.updatedAtMs! - Date.now())).toBeLessThan(60_000);
});

test("says that what it holds is lost with the process", () => {
  expect(new InMemoryPullCursorStore().durability).toContain("lost");
});
