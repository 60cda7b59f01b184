import { parseArgs } from "node:util";
import { runAsProcess } from "@statewave-connectors/testing/fake-provider";
import { FakeGithub } from "./fake-github.ts";

// Runs the fake as a process and prints, as one line of JSON, what a client needs to know.
const { values } = parseArgs({
  options: {
    issues: { type: "string", default: "100" },
    comments: { type: "string", default: "200" },
    "review-comments": { type: "string", default: "50" },
    "reviews-per-pull": { type: "string", default: "3" },
    releases: { type: "string", default: "5" },
    "same-second": { type: "string", default: "1" },
    "reopened-every": { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    repo: { type: "string", default: "acme/widgets" },
    token: { type: "string", default: "fake-token" },
    "requests-per-hour": { type: "string", default: "5000" },
    port: { type: "string", default: "0" },
    /** For a parent that may die: ends when its pipe to us closes. */
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

const fake = await FakeGithub.start({
  issues: Number(values.issues),
  comments: Number(values.comments),
  reviewComments: Number(values["review-comments"]),
  reviewsPerPull: Number(values["reviews-per-pull"]),
  releases: Number(values.releases),
  sameSecond: Number(values["same-second"]),
  reopenedEvery: Number(values["reopened-every"]),
  seed: Number(values.seed),
  fullName: values.repo,
  token: values.token,
  limits: { token: Number(values["requests-per-hour"]), anonymous: 60 },
  port: Number(values.port),
});
runAsProcess(fake, { url: fake.url, repo: values.repo, token: values.token }, values["until-stdin-ends"]);
