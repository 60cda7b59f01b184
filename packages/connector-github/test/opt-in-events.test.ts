import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { optInEvents } from "../src/push-options.ts";
import { episodesOf, example, examples, githubRequest, openReceiver, pagesOf, type Payload } from "./open-receiver.ts";
import { codeScanning, dependabot, deployment, milestone, optInVariants, secretScanning, workflow } from "./opt-in-payloads.ts";

const pushes = examples.find(({ name }) => name === "push")?.examples ?? [];
const toMaster = pushes.find((payload) => Object(payload)["ref"] === "refs/heads/master") ?? {};

/** One delivery of each word of `events` that makes an episode. */
const deliveries: Readonly<Record<(typeof optInEvents)[number], Payload>> = {
  discussion: example("discussion", "created"),
  discussion_comment: example("discussion_comment", "created"),
  push: toMaster,
  "issues.assigned": example("issues", "assigned"),
  "issues.unassigned": example("issues", "unassigned"),
  "pull_request.assigned": example("pull_request", "assigned"),
  "pull_request.unassigned": example("pull_request", "unassigned"),
  "pull_request.review_requested": example("pull_request", "review_requested"),
  "pull_request.review_request_removed": example("pull_request", "review_request_removed"),
  milestone: example("milestone", "created"),
  deployment_status: deployment("success"),
  workflow_run: workflow({}),
  dependabot_alert: example("dependabot_alert", "created"),
  code_scanning_alert: example("code_scanning_alert", "created"),
  secret_scanning_alert: secretScanning("created"),
};

const receive = (entry: object, event: string, payload: unknown) =>
  openReceiver({ ...entry }).receive(githubRequest(event, payload));

async function only(event: string, payload: unknown): Promise<Episode> {
  const [episode, ...more] = await episodesOf(event, payload);
  expect(more).toEqual([]);
  if (episode === undefined) throw new Error(`${event} makes no episode`);
  return episode;
}

describe.each(optInEvents)("the event %s", (word) => {
  const [event = ""] = word.split(".");
  const payload = deliveries[word];

  test("is taken when `events` names it, and counted as not wanted otherwise", () => {
    expect(receive({ events: [word] }, event, payload)).toMatchObject({ type: "event" });
    expect(receive({}, event, payload)).toMatchObject({ type: "respond", ignored: "not_wanted" });
    const others = optInEvents.filter((other) => other !== word);
    expect(receive({ events: others }, event, payload)).toMatchObject({ type: "respond", ignored: "not_wanted" });
  });
});

test("`events` adds to what `include` names, and may stand alone", () => {
  const opened = example("issues", "opened");
  expect(receive({ events: ["milestone"] }, "issues", opened)).toMatchObject({ type: "event" });
  const alone = { include: ["issues"], exclude: ["issues"], events: ["milestone"] };
  expect(receive(alone, "issues", opened)).toMatchObject({ type: "respond" });
  expect(receive(alone, "milestone", deliveries.milestone)).toMatchObject({ type: "event" });
});

const everything = { events: [...optInEvents] };
const ofBranch = { ...toMaster, ref: "refs/heads/feature" };

test.each([
  ["a push to another branch", "push", ofBranch, "not_default_branch"],
  ["a tag", "push", example("push", undefined), "not_default_branch"],
  ["a workflow that passed", "workflow_run", workflow({ conclusion: "success" }), "not_failed"],
  ["a workflow that was cancelled", "workflow_run", workflow({ conclusion: "cancelled" }), "not_failed"],
  ["a deployment that is under way", "deployment_status", deployment("in_progress"), "not_finished"],
  ["a deployment that another one replaced", "deployment_status", deployment("inactive"), "not_finished"],
  ["an alert that appeared in one more branch", "code_scanning_alert", codeScanning("appeared_in_branch"), "event_not_mapped"],
])("%s is not stored, counted by the reason, and makes no episode", async (_, event, payload, reason) => {
  expect(receive(everything, event, payload)).toMatchObject({ type: "respond", ignored: reason });
  expect(await episodesOf(event, payload)).toEqual([]);
});

describe("the text", () => {
  const repo = "Codertocat/Hello-World";
  test.each<[string, string, Payload, string]>([
    [
      "an assignment",
      "issues",
      deliveries["issues.assigned"],
      `Codertocat assigned issue Hello-World#1 to Codertocat: Spelling error in the README file (${repo}#1)\nOpened by Codertocat on 2019-05-15.`,
    ],
    [
      "an assignment that ended",
      "issues",
      deliveries["issues.unassigned"],
      `Codertocat unassigned Codertocat from issue Hello-World#1: Spelling error in the README file (${repo}#1)\nOpened by Codertocat on 2019-05-15.`,
    ],
    [
      "a request for a review",
      "pull_request",
      deliveries["pull_request.review_requested"],
      `Codertocat requested a review of PR #2 from octocat: Update the README with new information. (${repo}#2)\nOpened by Codertocat on 2019-05-15, from changes into master.`,
    ],
    [
      "a milestone",
      "milestone",
      deliveries.milestone,
      `Codertocat created milestone 1 of Codertocat/Hello-World: v1.0\nDue on 2019-05-23. Add new space flight simulator`,
    ],
    [
      "a milestone that was renamed",
      "milestone",
      milestone("edited", { title: { from: "v0.9" } }),
      `Codertocat edited milestone 1 of Codertocat/Hello-World: v1.0\nFormerly "v0.9". Due on 2019-05-23. Add new space flight simulator`,
    ],
    [
      "a deployment",
      "deployment_status",
      deployment("success"),
      `Codertocat deployed master of Codertocat/Hello-World to production\nCommit f95f852.`,
    ],
    [
      "a failed deployment",
      "deployment_status",
      deployment("failure", { description: "Health checks timed out" }),
      `Codertocat failed to deploy master of Codertocat/Hello-World to production\nHealth checks timed out Commit f95f852.`,
    ],
    [
      "a failed workflow",
      "workflow_run",
      workflow({ display_title: "Read the whole file", event: "push", head_branch: "master" }),
      `Manually triggered workflow failed on master: Read the whole file (${repo})\nAttempt 1, started by push at commit 5779607.`,
    ],
    [
      "an alert of Dependabot",
      "dependabot_alert",
      deliveries.dependabot_alert,
      "Dependabot reported medium-severity alert 20 of pika-pack: semver vulnerable to Regular Expression Denial of Service (wolfy1339/pika-pack)\nsemver (npm) < 7.5.2 in package-lock.json, fixed in 7.5.2. GHSA-c2qf-rxjj-qqgw, CVE-2022-25883. Versions of the package semver before 7.5",
    ],
    [
      "an alert of a code scanner",
      "code_scanning_alert",
      deliveries.code_scanning_alert,
      "CodeQL reported error-severity alert 10 of Hello-World: Query built from",
    ],
    [
      "an alert of secret scanning",
      "secret_scanning_alert",
      deliveries.secret_scanning_alert,
      `secret scanning reported alert 7 of Codertocat/Hello-World: Amazon AWS Access Key ID\nIts validity is active.`,
    ],
  ])("of %s says who did what to what", async (_, event, payload, text) => {
    const { text: whole } = await only(event, payload);
    expect(whole.slice(0, text.length)).toBe(text);
  });

  test("of every one has at most two lines in its first 500 characters", async () => {
    const payloads = Object.entries(deliveries).map(([word, payload]) => [word.split(".")[0] ?? "", payload] as const);
    for (const [event, payload] of [...payloads, ...optInVariants.map(([name, , variant]) => [name, variant] as const)]) {
      for (const { text, kind } of await episodesOf(event, payload)) {
        const lines = text
          .slice(0, 500)
          .split("\n")
          .filter((line) => line !== "");
        expect({ kind, lines: lines.length }).toEqual({ kind, lines: Math.min(lines.length, 2) });
      }
    }
  });
});

test("an alert of secret scanning never holds the secret, wherever GitHub or a person put it", async () => {
  const secret = "AKIAIOSFODNN7EXAMPLE";
  const fields = {
    secret,
    resolution_comment: `it was ${secret}`,
    resolution: "revoked",
    push_protection_bypass_request_comment: secret,
  };
  for (const action of ["created", "resolved", "reopened", "revoked", "publicly_leaked"]) {
    expect(JSON.stringify(await only("secret_scanning_alert", secretScanning(action, fields)))).not.toContain(secret);
  }
});

test("how it ended is the outcome", async () => {
  expect((await only("deployment_status", deployment("failure", { description: "No room" }))).outcome).toEqual({
    status: "failure",
    reason: "No room",
  });
  expect((await only("workflow_run", workflow({ conclusion: "timed_out", head_branch: "main" }))).outcome).toEqual({
    status: "timed_out",
    reason: "Manually triggered workflow timed out on main",
  });
  expect((await only("dependabot_alert", dependabot("dismissed", { dismissed_reason: "tolerable_risk" }))).outcome).toEqual({
    status: "dismissed",
    reason: "tolerable risk",
  });
  expect((await only("milestone", example("milestone", "closed"))).outcome).toMatchObject({ status: "closed" });
});

test("the session is the issue or pull request, or the alert or milestone itself", async () => {
  const sessionOf = async (event: string, payload: Payload) => (await only(event, payload)).session;
  expect(await sessionOf("issues", deliveries["issues.assigned"])).toBe("github-Codertocat.Hello-World-1");
  const ofPull = workflow({ pull_requests: [{ number: 12 }] });
  expect(await sessionOf("workflow_run", ofPull)).toBe("github-Codertocat.Hello-World-12");
  expect(await sessionOf("milestone", deliveries.milestone)).toBe("github-Codertocat.Hello-World-milestone-1");
  expect(await sessionOf("dependabot_alert", deliveries.dependabot_alert)).toBe("github-wolfy1339.pika-pack-dependabot_alert-20");
});

describe("the author", () => {
  test("of a workflow that runs on a fork is from outside", async () => {
    const actor = { login: "stranger", type: "User" };
    const own = workflow({ triggering_actor: actor });
    const fork = workflow({ triggering_actor: actor, head_repository: { id: 1 } });
    const ownId = Number(own["repository"]?.["id"]);
    const inside = workflow({ triggering_actor: actor, head_repository: { id: ownId } });
    expect((await only("workflow_run", fork)).author).toMatchObject({ name: "stranger", kind: "external" });
    expect((await only("workflow_run", inside)).author).toMatchObject({ name: "stranger", kind: "member" });
    const deleted = workflow({ triggering_actor: actor, head_repository: null });
    expect((await only("workflow_run", deleted)).author).toMatchObject({ name: "stranger", kind: "external" });
  });

  test.each(["issues", "issue_comment", "discussion"])(
    "of a workflow that anyone starts by %s is from outside",
    async (event) => {
      const actor = { login: "stranger", type: "User" };
      const ownId = Number(workflow({})["repository"]?.["id"]);
      const run = workflow({ event, triggering_actor: actor, head_repository: { id: ownId } });
      expect((await only("workflow_run", run)).author).toMatchObject({ name: "stranger", kind: "external" });
    },
  );

  test("of an alert is the scanner, or who acted on it", async () => {
    expect((await only("dependabot_alert", deliveries.dependabot_alert)).author).toEqual({
      name: "Dependabot",
      kind: "bot",
      verifiedBy: "github",
    });
    const by = { ...example("milestone", "created")["sender"], login: "mona" };
    expect((await only("dependabot_alert", dependabot("dismissed", { dismissed_by: by }))).author).toMatchObject({
      name: "mona",
      kind: "member",
    });
  });
});

test("alerts, failures and deployments are taken without bots, too: a program reports each of them", async () => {
  const bot = { login: "github-actions[bot]", type: "Bot" };
  for (const word of [
    "dependabot_alert",
    "code_scanning_alert",
    "secret_scanning_alert",
    "workflow_run",
    "deployment_status",
  ] as const) {
    const payload = { ...deliveries[word], sender: bot } as Payload;
    const [page] = await pagesOf(word, payload, openReceiver({ include_bots: false }));
    expect({ word, episodes: page?.episodes.length }).toEqual({ word, episodes: 1 });
  }
});

test("an edit of a milestone that changes nothing makes no episode", async () => {
  expect(await pagesOf("milestone", milestone("edited"))).toEqual([{ episodes: [], skipped: { nothing_new: 1 } }]);
});
