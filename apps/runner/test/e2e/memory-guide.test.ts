import { readFileSync } from "node:fs";
import { FakeGithub } from "@statewave-connectors/connector-github/testing";
import { FakeSlack } from "@statewave-connectors/connector-slack/testing";
import { FakeZendesk } from "@statewave-connectors/connector-zendesk/testing";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect, it, type TestContext } from "vitest";
import { configName, makeWorkspace, type Workspace } from "./workspace.ts";

const guide = readFileSync(new URL("../../../../docs/guides/from-event-to-memory.md", import.meta.url), "utf8");
const day = (time: string) => new Date(`2025-03-12T${time}:00Z`);
const secondsOf = (time: string) => day(time).getTime() / 1_000;

/** The blocks of text behind this heading and before the next one. A heading in a block is a part of the block. */
function blocksOf(heading: string): readonly string[] {
  const parts = guide.matchAll(/^```(?<language>\w+)\n(?<block>[^]*?)^```|^## (?<title>.+)$/gm);
  const blocks: string[] = [];
  let isInside = false;
  for (const { groups = {} } of parts) {
    const { language, block = "", title } = groups;
    if (title !== undefined) isInside = title === heading;
    else if (isInside && language === "text") blocks.push(block);
  }
  return blocks;
}

async function startGithub({ onTestFinished }: TestContext): Promise<FakeGithub> {
  const fake = await FakeGithub.start({ issues: 0, comments: 0, reviewComments: 0, releases: 0 });
  onTestFinished(() => fake.close());
  const ines = { login: "ines", type: "User" };
  fake.repository.addIssue(
    {
      title: "Nightly import fails on accounts over 2 million rows",
      user: ines,
      body: "Since Thursday the import stops with an OOM.\n\n- It reads the whole file\n- The limit is 512 MB\n\n```\nheap out of memory\n```\n",
      labels: [],
      author_association: "MEMBER",
      state: "closed",
      state_reason: "completed",
      closed_at: day("16:20").toISOString(),
      closed_by: { login: "marco", type: "User" },
    },
    secondsOf("09:05"),
  );
  return fake;
}

async function startSlack({ onTestFinished }: TestContext): Promise<FakeSlack> {
  const fake = await FakeSlack.start({ users: 0, channels: 0 });
  onTestFinished(() => fake.close());
  const { workspace } = fake;
  const [ann, ben] = [workspace.addUser("U0ANN", "Ann"), workspace.addUser("U0BEN", "Ben")];
  const channel = workspace.addChannel("C0OPS", "ops");
  const question = workspace.post(channel, "Who is on call over the holidays?", {
    user: ben,
    ts: `${secondsOf("10:00")}.000100`,
  });
  workspace.reply(channel, question, "Noor takes Easter, I take the Monday after it.", {
    user: ann,
    ts: `${secondsOf("10:04")}.000100`,
  });
  return fake;
}

async function startZendesk({ onTestFinished }: TestContext): Promise<FakeZendesk> {
  const fake = await FakeZendesk.start();
  onTestFinished(() => fake.close());
  const { desk } = fake;
  const ticket = desk.open({
    subject: "Label printer offline",
    description: "Since the update it prints nothing.",
    at: day("11:00"),
  });
  desk.comment(ticket, { body: "Please install firmware 2.4, then hold the green button.", at: day("11:30") });
  desk.move(ticket, "solved", { at: day("12:00") });
  return fake;
}

const document = "# Handbook\n\n## Returns\n\nA bicycle goes back within **14 days**.\n\n- Check the frame\n- Stamp the form\n";

/** Everything delivered, by the real program. */
async function deliverAll(test: TestContext): Promise<{ readonly workspace: Workspace; readonly statewave: FakeStatewave }> {
  const [statewave, github, slack, zendesk] = await Promise.all([
    startFakeStatewave(),
    startGithub(test),
    startSlack(test),
    startZendesk(test),
  ]);
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  await workspace.write("docs/handbook.md", document);
  await workspace.write(
    configName,
    `
[statewave]
url = "${statewave.url}"

[[pull.github]]
name = "main"
schedule = "every 1h"
repo = "acme/widgets"
token = "${github.token}"
base_url = "${github.url}"

[[pull.slack]]
name = "team"
schedule = "every 1h"
bot_token = "${slack.token}"
base_url = "${slack.url}"
since_default = "2025-01-01"

[[pull.zendesk]]
name = "support"
schedule = "every 1h"
subdomain = "acme"
oauth_token = "${zendesk.token}"
base_url = "${zendesk.url}"

[[pull.markdown]]
name = "handbook"
schedule = "every 1h"
path = "./docs"
`,
  );
  for (const source of ["github/main", "slack/team", "zendesk/support", "markdown/handbook"]) {
    const { code, stderr } = await workspace.command("sync", source);
    expect({ source, code, stderr: code === 0 ? "" : stderr }).toEqual({ source, code: 0, stderr: "" });
  }
  return { workspace, statewave };
}

async function compile({ url }: FakeStatewave, subject: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ subject_id: subject });
  expect((await fetch(`${url}/v1/memories/compile`, { method: "POST", headers, body })).status).toBe(200);
}

it("the guide shows the texts that the connectors deliver, and the context that `ask` prints for one of them", async (test) => {
  const { workspace, statewave } = await deliverAll(test);
  const texts = statewave.episodes.map(({ payload }) => `${String(Reflect.get(payload, "text"))}\n`);
  expect(blocksOf("What the texts look like").toSorted()).toEqual(texts.toSorted());

  await compile(statewave, "repo:acme.widgets");
  const { code, stdout } = await workspace.command("ask", "repo:acme/widgets", "Why did the nightly import fail?");
  expect({ code, blocks: blocksOf("See what is remembered") }).toEqual({ code: 0, blocks: [stdout] });
});
