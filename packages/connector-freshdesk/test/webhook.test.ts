import { openReceiver } from "@statewave-connectors/testing";
import { describe, expect, test } from "vitest";
import { connector } from "../src/index.ts";

const body = (fields: Readonly<Record<string, unknown>>) => Buffer.from(JSON.stringify(fields));
const secret = "a-long-secret";

async function open(options: Readonly<Record<string, unknown>> = {}, twin?: string) {
  const given = twin === undefined ? {} : { twin };
  const { receiver, episodesOf } = await openReceiver(connector, { domain: "acme", secret, ...options }, given);
  const receive = (bytes: Uint8Array, headers: Readonly<Record<string, string>> = { "x-statewave-token": secret }) =>
    receiver.receive({ method: "POST", path: "/", headers, body: bytes, receivedAtMs: Date.UTC(2026, 0, 1) });
  return { receive, episodesOf };
}

describe("with a twin", () => {
  test.each([
    ["a reply", body({ ticket_id: "11", triggered_event: "{reply_sent:sent}" })],
    ["another priority, which may come with more", body({ ticket_id: 11, triggered_event: "{priority:{from:1,to:4}}" })],
    ["simple content", body({ freshdesk_webhook: { ticket_id: "11", ticket_subject: "Import" } })],
    ["a body that a subject has broken", Buffer.from('{"ticket_id":"11","subject":"the "import" fails"}')],
    ["no body", Buffer.from("")],
    ["an id that is none", body({ ticket_id: "eleven", triggered_event: "{ticket_action:deleted}" })],
    ["a body that names no ticket", body({ hello: "world" })],
  ])("%s makes it read", async (_, bytes) => {
    const { receive } = await open({}, "history");
    expect(await receive(bytes)).toEqual({ type: "trigger" });
  });

  test.each(["delete", "deleted"])("a deletion written as %s is stored, because the API does not list it", async (action) => {
    const { receive, episodesOf } = await open({}, "history");
    const bytes = body({ ticket_id: "11", triggered_event: `{ticket_action:${action}}` });
    expect(await receive(bytes)).toMatchObject({ type: "event" });
    expect(await episodesOf(bytes)).toMatchObject([
      { kind: "freshdesk.ticket.deleted", subject: "ticket:freshdesk.acme.11", session: "freshdesk-acme-11" },
    ]);
  });
});

describe("without a twin", () => {
  test("a reply is what the webhook says of it", async () => {
    const { episodesOf } = await open();
    const [episode] = await episodesOf(
      body({
        freshdesk_webhook: {
          ticket_id: "11",
          triggered_event: "{note_type:public}",
          ticket_subject: "Import",
          ticket_requester_name: "Ann Lee",
          ticket_latest_public_comment: "<div>Please <b>update</b>.</div>",
        },
      }),
    );
    expect(episode).toMatchObject({
      kind: "freshdesk.webhook.commented",
      subject: "ticket:freshdesk.acme.11",
      title: "Import",
      text: "Reply for Ann Lee: Please update. (re: Import)",
    });
  });

  test.each(["ticket_requester_name", "requester_name", "ticket_contact_name"])(
    "the customer's name is read from %s",
    async (name) => {
      const { episodesOf } = await open();
      const fields = { ticket_id: 11, triggered_event: "{ticket_action:created}", ticket_subject: "Import", [name]: "Ann Lee" };
      expect(await episodesOf(body({ freshdesk_webhook: fields }))).toMatchObject([
        { text: "Ann Lee opened a ticket: Import", author: { name: "Ann Lee", kind: "external" } },
      ]);
    },
  );

  test.each([
    ["{status:{from:2,to:4}}", "Resolved", { outcome: { status: "resolved" }, text: "Resolved, for a customer: Import" }],
    ["{status:{from:4,to:6}}", "Waiting on Customer", { text: "Waiting on Customer, for a customer: Import" }],
    ["{status:{from:4,to:6}}", undefined, { text: "status 6, for a customer: Import" }],
  ])("%s with the label %s is another status", async (triggered_event, status, expected) => {
    const { episodesOf } = await open();
    const episodes = await episodesOf(body({ ticket_id: "11", triggered_event, subject: "Import", status }));
    expect(episodes).toMatchObject([{ kind: "freshdesk.webhook.status_changed", ...expected }]);
  });

  test.each([
    ["{priority:{from:1,to:4}}", "priority"],
    ["{note_type:private}", "note_type"],
    ["{responder_id:{from:7,to:8}}", "responder_id"],
    ["{ticket_action:marked_spam}", "ticket_action"],
    ["{made_up:thing}", "other"],
  ])("%s makes no episode and is counted by name", async (triggered_event, event) => {
    const { receive } = await open();
    expect(await receive(body({ ticket_id: "11", triggered_event }))).toMatchObject({
      type: "respond",
      response: { status: 200 },
      ignored: "type_not_mapped",
      event,
    });
  });

  test.each([
    ["a broken body", Buffer.from('{"ticket_id":"11","subject":"the "import" fails"}')],
    ["an id that is none", body({ ticket_id: "1/../2", triggered_event: "{ticket_action:created}" })],
    ["a body without what happened", body({ freshdesk_webhook: { ticket_id: "11", ticket_subject: "Import" } })],
    ["a rule on time, in which nothing happened", body({ ticket_id: "11", triggered_event: "" })],
    ["what happened in the operator's own words", body({ ticket_id: 11, triggered_event: "ticket_updated" })],
    ["a body that names no ticket", body({ hello: "world" })],
    ["an id that may be of anything", body({ id: 11, triggered_event: "{ticket_action:created}" })],
    ["a list", Buffer.from('[{"ticket_id":"11"}]')],
    ["a form", Buffer.from("freshdesk_webhook%5Bticket_id%5D=11")],
  ])("%s becomes a dead letter", async (_, bytes) => {
    const { receive, episodesOf } = await open();
    expect(await receive(bytes)).toMatchObject({ type: "event" });
    await expect(episodesOf(bytes)).rejects.toMatchObject({ code: "FRESHDESK_WEBHOOK_UNMAPPABLE", retryable: false });
  });
});

describe("bodies that operators write for other programs", () => {
  const created = { kind: "freshdesk.webhook.created", subject: "ticket:freshdesk.acme.11", title: "Import" };

  test.each([
    ["an object for the ticket", { ticket: { id: "11", subject: "Import", triggered_event: "{ticket_action:created}" } }],
    ["what happened beside it", { ticket: { id: 11, subject: "Import" }, triggered_event: "{ticket_action:created}" }],
    ["the id beside it", { ticket_id: "11", ticket: { subject: "Import" }, triggered_event: "{ticket_action:created}" }],
    ["an id in another spelling", { ticketId: "11", subject: "Import", triggered_event: "{ticket_action:created}" }],
    ["what happened as JSON", { ticket_id: 11, subject: "Import", triggered_event: { ticket_action: "created" } }],
    [
      "fields that are null",
      {
        freshdesk_webhook: {
          ticket_id: 11,
          ticket_subject: "Import",
          ticket_tags: null,
          triggered_event: "{ticket_action:created}",
        },
      },
    ],
  ])("%s are read", async (_, fields) => {
    const { receive, episodesOf } = await open();
    expect(await receive(body(fields))).toMatchObject({ type: "event" });
    expect(await episodesOf(body(fields))).toMatchObject([created]);
  });

  test.each(["requester", "contact"])("the customer's name is read from an object called %s", async (who) => {
    const { episodesOf } = await open();
    const ticket = { id: "11", subject: "Import", [who]: { name: "Ann Lee" }, triggered_event: "{ticket_action:created}" };
    expect(await episodesOf(body({ ticket }))).toMatchObject([{ text: "Ann Lee opened a ticket: Import" }]);
  });

  test("the customer's name is read beside an object for the ticket", async () => {
    const { episodesOf } = await open();
    const fields = {
      ticket: { id: "11", subject: "Import" },
      requester_name: "Ann Lee",
      triggered_event: "{ticket_action:created}",
    };
    expect(await episodesOf(body(fields))).toMatchObject([{ text: "Ann Lee opened a ticket: Import" }]);
  });

  test("a deletion whose id stands beside an object for the ticket is stored with a twin", async () => {
    const { receive, episodesOf } = await open({}, "history");
    const bytes = body({ ticket_id: "11", ticket: { subject: "x" }, triggered_event: "{ticket_action:delete}" });
    expect(await receive(bytes)).toMatchObject({ type: "event" });
    expect(await episodesOf(bytes)).toMatchObject([{ kind: "freshdesk.ticket.deleted", subject: "ticket:freshdesk.acme.11" }]);
  });

  test("a status as JSON has the number of what it is now", async () => {
    const { episodesOf } = await open();
    const fields = { ticket_id: 11, triggered_event: { status: { from: 2, to: 4 } }, status: "Resolved" };
    expect(await episodesOf(body(fields))).toMatchObject([{ outcome: { status: "resolved" } }]);
  });
});

describe("basic_user", () => {
  const authorization = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  const bytes = body({ ticket_id: "11", triggered_event: "{ticket_action:created}" });

  test("takes the secret as the password of that user, also the second one of a rotation", async () => {
    const { receive } = await open({ basic_user: "freshdesk", secret: ["new-secret", "old-secret"] });
    expect(await receive(bytes, authorization("freshdesk:new-secret"))).toMatchObject({ type: "event" });
    expect(await receive(bytes, authorization("freshdesk:old-secret"))).toMatchObject({ type: "event" });
  });

  test.each([
    ["another user", authorization("someone:a-long-secret")],
    ["another password", authorization("freshdesk:wrong")],
    ["the header of a token", { "x-statewave-token": secret }],
    ["nothing", {}],
  ])("refuses %s", async (_, headers) => {
    const { receive } = await open({ basic_user: "freshdesk" });
    expect(await receive(bytes, headers)).toMatchObject({ type: "respond", response: { status: 401 } });
  });
});
