import { describeConnector, describeReceiver, type GateRequest, signAs } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe } from "vitest";
import { connector } from "../src/index.ts";
import { signature } from "../src/webhook/push.ts";
import { FakeGithub } from "../src/testing/fake-github.ts";
import { example, type Payload } from "./open-receiver.ts";
import { rawItemsOf } from "./raw-items.ts";

const several = { issues: 250, comments: 210, reviewComments: 30, releases: 20 };
const few = { issues: 110, comments: 20, reviewComments: 10, releases: 5 };
const entries = [
  { title: "one repository", names: { repo: "acme/widgets" }, items: several, others: [] },
  {
    title: "an organization",
    names: { org: "acme" },
    items: few,
    others: [{ fullName: "acme/api", issues: 60 }, { fullName: "acme/web" }],
  },
];

describe.each(entries)("$title", ({ names, items, others }) => {
  describeConnector({
    connector,
    provider: {
      // A look-up before the first; behind a page the empty ends of the streams that follow, of the next repository too.
      maxRequestsPerPage: 8,
      readsAhead: true,
      rateLimited: (nowMs) => {
        const headers = {
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(nowMs / 1_000 + 600),
          "x-ratelimit-limit": "5000",
        };
        return Response.json({ message: "API rate limit exceeded" }, { status: 403, headers });
      },
      unauthorized: () => Response.json({ message: "Bad credentials" }, { status: 401 }),
      // Lists are those of a repository, whether there is one or several.
      ...(others.length === 0 && { lists: { items: "", next: "link", size: "per_page" } }),
      ...(others.length > 0 && { part: ({ url }: GateRequest) => /^\/repos\/([^/]+\/[^/]+)/.exec(url.pathname)?.[1] }),
    },
    async open() {
      const clock = new FakeClock();
      const fake = await FakeGithub.start({
        nowMs: () => clock.now(),
        limits: { token: 100_000, anonymous: 100_000 },
        ...items,
        others,
      });
      return {
        options: { ...names, base_url: fake.url, token: fake.token, include_bots: true },
        clock,
        // 70 pull requests with up to 50 reviews each.
        maxEpisodesPerPage: 3_500,
        rawItems: () => fake.repositories.flatMap(rawItemsOf),
        addOne: (at) => void fake.repository.addIssue({}, Math.floor(at.getTime() / 1_000)),
        breakOne: () => void fake.repository.editIssue(1, { title: 7 }),
        close: () => fake.close(),
      };
    },
  });
});

const sample = (event: string, payload: Payload, kinds: readonly string[]) => {
  const id = `72d3162e-cc78-11e3-81ab-${event}`;
  return { name: event, body: JSON.stringify(payload), headers: { "x-github-event": event, "x-github-delivery": id }, id, kinds };
};

describeReceiver({
  connector,
  ...signAs(signature),
  options: (secrets) => ({
    secret: secrets,
    events: ["discussion", "issues.assigned", "dependabot_alert"],
  }),
  samples: [
    sample("issues", example("issues", "opened"), ["github.issue.opened"]),
    sample("pull_request", example("pull_request", "closed"), ["github.pr.opened", "github.pr.closed"]),
    sample("issue_comment", example("issue_comment", "edited"), ["github.issue.comment_edited"]),
    sample("pull_request_review", example("pull_request_review", "submitted"), ["github.pr.review"]),
    sample("release", example("release", "published"), ["github.release.published"]),
    sample("discussion", example("discussion", "answered"), ["github.discussion.answered"]),
    sample("dependabot_alert", example("dependabot_alert", "created"), ["github.dependabot_alert.created"]),
    {
      name: "ping",
      body: JSON.stringify(example("ping", undefined)),
      headers: { "x-github-event": "ping", "x-github-delivery": "0" },
      received: "respond",
    },
    {
      name: "an uninstallation",
      body: JSON.stringify(example("installation", "deleted")),
      headers: { "x-github-event": "installation", "x-github-delivery": "1" },
      received: "respond",
      tellsLoss: true,
    },
  ],
});
