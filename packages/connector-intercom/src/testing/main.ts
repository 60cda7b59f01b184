import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { startFakeIntercom } from "./fake-intercom.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    conversations: { type: "string", default: "100" },
    comments: { type: "string", default: "3" },
    app: { type: "string", default: "abc12de3" },
    token: { type: "string", default: "fake-token" },
    /** Requests in any window of 10 seconds. */
    limit: { type: "string", default: "1666" },
    "time-scale": { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const fake = await startFakeIntercom({
  appId: values.app,
  conversations: Number(values.conversations),
  comments: Number(values.comments),
  token: values.token,
  limit: { requests: Number(values.limit), windowMs: 10_000, headers: "reset" },
  timeScale: Number(values["time-scale"]),
  port: Number(values.port),
});
const entry = { app_id: values.app, access_token: values.token, base_url: fake.url };
runAsProcess(fake, { url: fake.url, app: values.app, token: values.token, entry }, values["until-stdin-ends"]);
