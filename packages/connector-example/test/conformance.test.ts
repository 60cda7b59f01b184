import { createHmac } from "node:crypto";
import { describeConnector, describeReceiver } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { change, startFakeProvider } from "./fake-provider.ts";

describeConnector({
  connector,
  provider: {
    maxRequestsPerPage: 1,
    rateLimited: () => new Response("{}", { status: 429, headers: { "retry-after": "120" } }),
    unauthorized: () => new Response("{}", { status: 401 }),
  },
  async open() {
    const provider = await startFakeProvider(Array.from({ length: 350 }, (_, at) => change(at + 1)));
    return {
      options: { base_url: provider.url, token: provider.token },
      maxEpisodesPerPage: 100,
      close: () => provider.close(),
    };
  },
});

describeReceiver({
  connector,
  capabilities: { signatureHeader: "x-example-signature", toleranceSeconds: 300, secrets: 2 },
  options: (secrets) => ({ secret: secrets.length === 1 ? secrets[0] : secrets }),
  sign({ body, secret, atMs }) {
    const timestamp = String(Math.floor(atMs / 1000));
    const signature = createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
    return { "x-example-timestamp": timestamp, "x-example-signature": `sha256=${signature}` };
  },
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
