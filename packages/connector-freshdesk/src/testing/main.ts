import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { startFakeFreshdesk } from "./fake-freshdesk.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    tickets: { type: "string", default: "100" },
    replies: { type: "string", default: "3" },
    agents: { type: "string", default: "5" },
    companies: { type: "string", default: "20" },
    "per-minute": { type: "string" },
    "time-scale": { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const perMinute = values["per-minute"];
const fake = await startFakeFreshdesk({
  tickets: Number(values.tickets),
  replies: Number(values.replies),
  agents: Number(values.agents),
  companies: Number(values.companies),
  ...(perMinute !== undefined && { limit: { perMinute: Number(perMinute) } }),
  timeScale: Number(values["time-scale"]),
  port: Number(values.port),
});
const entry = { domain: "acme", api_key: fake.apiKey, base_url: fake.url };
runAsProcess(fake, { url: fake.url, apiKey: fake.apiKey, entry }, values["until-stdin-ends"]);
