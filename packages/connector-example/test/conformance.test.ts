import { describeConnector, describeReceiver, signAs } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { signature } from "../src/receive.ts";
import { change } from "./change.ts";
import { startFakeProvider } from "./fake-provider.ts";

// #region pull
describeConnector({
  connector,
  provider: {
    maxRequestsPerPage: 1,
    rateLimited: () => new Response("{}", { status: 429, headers: { "retry-after": "120" } }),
    unauthorized: () => new Response("{}", { status: 401 }),
    lists: { items: "changes", more: "more", size: "limit" },
  },
  async open() {
    const changes = Array.from({ length: 350 }, (_, at) => change(at + 1));
    const provider = await startFakeProvider(changes);
    return {
      options: { base_url: provider.url, token: provider.token },
      maxEpisodesPerPage: 100,
      addOne: (at) => void changes.push(change(changes.length + 1, { at: at.toISOString() })),
      rawItems: () => changes.map((raw) => ({ id: String(raw.seq), raw })),
      breakOne: () => void changes.splice(6, 1, change(7, { at: "yesterday" })),
      close: () => provider.close(),
    };
  },
});
// #endregion

// #region push
describeReceiver({
  connector,
  ...signAs(signature),
  options: (secrets) => ({ secret: secrets }),
  samples: [
    {
      name: "a written note",
      body: JSON.stringify(change(1)),
      headers: { "x-example-delivery": "d1" },
      id: "d1",
      kinds: ["example.note.written"],
    },
    {
      name: "a deleted note without a delivery id",
      body: JSON.stringify(change(2, { action: "deleted" })),
      kinds: ["example.note.deleted"],
    },
  ],
});
// #endregion
