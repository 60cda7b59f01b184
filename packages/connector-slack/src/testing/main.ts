import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { FakeSlack } from "./fake-slack.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    channels: { type: "string", default: "2" },
    messages: { type: "string", default: "100" },
    "thread-every": { type: "string", default: "10" },
    users: { type: "string", default: "10" },
    token: { type: "string", default: "xoxb-fake-token" },
    "slow-lane": { type: "boolean", default: false },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const fake = await FakeSlack.start({
  channels: Number(values.channels),
  messages: Number(values.messages),
  threadEvery: Number(values["thread-every"]),
  users: Number(values.users),
  token: values.token,
  slowLane: values["slow-lane"],
  port: Number(values.port),
});
runAsProcess(fake, { url: fake.url, token: values.token }, values["until-stdin-ends"]);
