import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { startFakeGoogle } from "./fake-google.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    mails: { type: "string", default: "100" },
    "units-per-minute": { type: "string" },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const unitsPerMinute = values["units-per-minute"];
const fake = await startFakeGoogle({
  mails: Number(values.mails),
  ...(unitsPerMinute !== undefined && { unitsPerMinute: Number(unitsPerMinute) }),
  port: Number(values.port),
});
const { url, entry, jwksUrl, topic, subscription } = fake;
runAsProcess(fake, { url, entry, jwksUrl, topic, subscription }, values["until-stdin-ends"]);
