import { expect, test } from "vitest";
import { episodeOf, message, openReceiver, slackRequest } from "./open-receiver.ts";
import { minuteMs, openSource, read, tick } from "./open-source.ts";
import { rewritingFetch } from "./rewriting-fetch.ts";

const c1 = "C0CHANNEL1";
/** A token of an organization-wide install: it is of the organization, and lists take a workspace. */
const organizationWide = rewritingFetch((method, body, params) => {
  if (method === "auth.test")
    return { ...body, team: "Org", team_id: "E0ORG", enterprise_id: "E0ORG", is_enterprise_install: true };
  return method === "conversations.list" && !params.has("team_id") ? { ok: false, error: "missing_argument" } : undefined;
});
const open = (entry: Record<string, unknown> = {}) => openSource({ channels: 1, fetch: organizationWide, entry });

test("the token of an organization-wide install requires team_id in one sentence, in a run and in check()", async () => {
  const { source } = await open();
  const wanted = { code: "SLACK_TEAM_REQUIRED", retryable: false, hint: expect.stringContaining("`team_id`") };
  expect((await tick(source)).error).toMatchObject(wanted);
  const results = await source.check!(new AbortController().signal);
  expect(results.map(({ error }) => error)).toMatchObject([wanted]);
});

test.each(["missing_argument", "team_not_found", "team_access_not_granted"])("so does a list that answers %s", async (error) => {
  const fetch = rewritingFetch((method) => (method === "conversations.list" ? { ok: false, error } : undefined));
  const { source } = await openSource({ channels: 1, fetch });
  expect((await tick(source)).error).toMatchObject({ code: "SLACK_TEAM_REQUIRED", message: expect.stringContaining(error) });
});

test("the token of another workspace than team_id is refused", async () => {
  const { source } = await openSource({ channels: 1, entry: { team_id: "T0OTHER" } });
  expect((await tick(source)).error).toMatchObject({ code: "SLACK_TEAM_REQUIRED", message: expect.stringContaining("T0OTHER") });
});

const orgAuthorization = { enterprise_id: "E0ORG", team_id: null, is_enterprise_install: true, user_id: "U0APP" };
test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ["names no context", {}, { context_team_id: null, team_id: "T0ACME", authorizations: [orgAuthorization] }],
  [
    "names the organization as its context",
    {},
    { context_team_id: "E0ORG", team_id: "T0ACME", authorizations: [orgAuthorization] },
  ],
  [
    "names the organization as its team",
    { team_id: "T0ACME" },
    { context_team_id: null, team_id: "E0ORG", authorizations: [{ ...orgAuthorization, team_id: "E0ORG" }] },
  ],
  [
    "names the writer's workspace in a shared channel",
    { team_id: "T0ACME" },
    { context_team_id: null, team_id: "T0THEIRS", is_ext_shared_channel: true, authorizations: [orgAuthorization] },
  ],
])("the same message has one subject and key by pull and by push, whose envelope %s", async (_, entry, envelope) => {
  const { fake, clock, source } = await open({ team_id: "T0ACME" });
  const ts = fake.workspace.post(c1, "hello");
  await clock.advance(minuteMs);
  const [pulled] = (await read(source)).episodes;
  const pushed = await episodeOf(message({ channel: c1, ts, text: "hello" }, envelope), openReceiver(entry));
  expect(pulled).toMatchObject({ subject: "team:T0ACME" });
  expect([pushed.subject, pushed.idempotency_key]).toEqual([pulled?.subject, pulled?.idempotency_key]);
});

test("a receiver of one workspace ignores the events of others", () => {
  const receiver = openReceiver({ team_id: "T0ACME" });
  const of = (team: string) => message({}, { team_id: team, context_team_id: null, authorizations: [orgAuthorization] });
  expect(receiver.receive(slackRequest(of("T0OTHER")))).toMatchObject({ type: "respond", ignored: "not_wanted" });
  expect(receiver.receive(slackRequest(of("T0ACME")))).toMatchObject({ type: "event" });
});
