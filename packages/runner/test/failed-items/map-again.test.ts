import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { mapAgain } from "../../src/failed-items/map-again.ts";

test.each([
  ["pull", "fix the connector, read the source again with `state reset`, and discard it"],
  ["push", "fix the connector, let the provider send the event again, and discard it"],
] as const)(
  "what a connector yielded in the place of an episode comes anew through the source of a %s",
  async (direction, hint) => {
    const source = { kind: "demo", name: "main" };
    const item = { type: "item", source, direction, id: "7", yielded: 7, receivedAtMs: 0 } as const;
    const entry = { mapper: {}, subject: undefined, connectorVersion: "1" };
    await expect(mapAgain({ item, entry, clock: systemClock })).rejects.toMatchObject({ code: "INBOX_ITEM_FINAL", hint });
  },
);
