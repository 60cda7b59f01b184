import { expect, test } from "vitest";
import { envelopesOf } from "../src/testing/index.ts";
import { episodesOf, minute, openDesk } from "./open-desk.ts";

type Desk = Awaited<ReturnType<typeof openDesk>>;
interface Said {
  readonly by: "agent" | "customer";
  readonly isPublic?: boolean;
}

/** The body of the event that reports the attachment of a comment. */
function attached({ desk }: Desk, { by, isPublic = true }: Said): string {
  const ticket = desk.open({ subject: "The printer burns", at: minute(0) });
  const step = desk.comment(ticket, { by: desk[by], body: "See.", isPublic, files: ["fire.png"], at: minute(1) });
  return JSON.stringify(envelopesOf(step, desk)[1]);
}

test("an attachment is named by push, and by pull with its comment", async () => {
  const desk = await openDesk();
  const body = attached(desk, { by: "agent" });
  const [pushed] = await (await desk.push()).episodesOf(body);
  const [, pulled] = episodesOf(await (await desk.pull()).walk());
  expect(pushed).toMatchObject({
    kind: "zendesk.attachment.added",
    text: "Ada Agent attached: fire.png (re: The printer burns)",
    subject: pulled?.subject,
    session: pulled?.session,
    source: pulled?.source,
  });
  expect(pulled?.text).toContain("Attached: fire.png");
});

test.each<[string, Said, boolean]>([
  ["of an agent's public comment", { by: "agent" }, true],
  ["of an internal note", { by: "agent", isPublic: false }, false],
  ["of the requester, whom Zendesk does not call public", { by: "customer", isPublic: false }, true],
])("an attachment %s is kept by an entry without internal notes: %#", async (_, said, isKept) => {
  const desk = await openDesk();
  const body = attached(desk, said);
  const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
  expect(desk.receiver().respond?.(request)?.ignored).toBe(isKept ? undefined : "internal_note");
  expect(await (await desk.push()).episodesOf(body)).toHaveLength(isKept ? 1 : 0);
  expect(await (await desk.push({ internal_notes: true })).episodesOf(body)).toHaveLength(1);
});

test("a comment whose event has HTML reads as pull shows it", async () => {
  const { desk, push, pull } = await openDesk();
  const html = '<p>See <a href="https://acme.example/x">the page</a></p>';
  const step = desk.comment(desk.open({ at: minute(0) }), { body: "See the page", html, at: minute(1) });
  const [body] = envelopesOf(step, desk);
  const event = body?.["event"] as { readonly comment: object };
  const withHtml = { ...body, event: { ...event, comment: { ...event.comment, html_body: html } } };
  const [pushed] = await (await push()).episodesOf(JSON.stringify(withHtml));
  const [, pulled] = episodesOf(await (await pull()).walk());
  expect(pushed).toEqual(pulled);
});
