import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { FakeZendesk } from "./fake-zendesk.ts";
import { fillDesk } from "./fill-desk.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    tickets: { type: "string", default: "100" },
    "comments-per-ticket": { type: "string", default: "3" },
    "exports-per-minute": { type: "string", default: "10" },
    "time-scale": { type: "string", default: "1" },
    token: { type: "string", default: "fake-token" },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const fake = await FakeZendesk.start({
  token: values.token,
  port: Number(values.port),
  exportsPerMinute: Number(values["exports-per-minute"]),
  timeScale: Number(values["time-scale"]),
});
const episodes = fillDesk(fake.desk, {
  tickets: Number(values.tickets),
  commentsPerTicket: Number(values["comments-per-ticket"]),
});
const entry = { subdomain: "acme", oauth_token: values.token, base_url: fake.url };
runAsProcess(fake, { url: fake.url, token: values.token, episodes, entry }, values["until-stdin-ends"]);
