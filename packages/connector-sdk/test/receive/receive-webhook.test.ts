import { expect, test } from "vitest";
import type { PushReceiver } from "../../src/index.ts";
import { receiveAndStore } from "../../src/receive/receive-webhook.ts";

test.each([undefined, null, { type: "respond" }])(
  "a receiver that decides %o about a request is answered 500, stores nothing and throws nothing",
  async (decided) => {
    const receiver = { receive: () => decided, async *pages() {} } as unknown as PushReceiver;
    const stored: unknown[] = [];
    const intake = {
      receiver,
      source: { kind: "plain", name: "main" },
      accept: async (item: unknown) => {
        stored.push(item);
        return "fresh" as const;
      },
    };
    const request = { method: "POST", path: "/", headers: {}, body: new Uint8Array(), receivedAtMs: 0 };
    const outcome = await receiveAndStore(intake, request);

    expect(outcome).toMatchObject({ outcome: "failed", response: { status: 500 }, error: expect.any(TypeError) });
    expect(stored).toEqual([]);
  },
);
