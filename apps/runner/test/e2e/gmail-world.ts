import { type FakeGoogle, type FakeGoogleOptions, startFakeGoogle } from "@statewave-connectors/connector-gmail/testing";
import type { Ending } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** Of the receiver's path. */
export const token = "a-token-of-many-letters";
export const messageRoute = "GET /gmail/v1/users/:user/messages/:id";

/** How the entry of a test differs from that of the others. */
export interface MailboxEntry {
  readonly schedule?: string;
  /** Options besides; one that is undefined is left out. */
  readonly options?: Readonly<Record<string, string | number | undefined>>;
}

/** A mailbox that is read every second and by notifications, and where its mails go. */
export async function openMailbox(
  test: Ending,
  fake: FakeGoogleOptions,
  { schedule = "every 1s", options = {} }: MailboxEntry = {},
): Promise<{ readonly google: FakeGoogle; readonly world: World }> {
  const google = await startFakeGoogle(fake);
  test.onTestFinished(() => google.close());
  google.signIn.scopes = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/pubsub"];
  const { topic, subscription, entry } = google;
  const listed = Object.entries({ ...entry, units_per_minute: 1_000_000, topic, subscription, ...options });
  const entries = [
    "[[pull.gmail]]",
    'name = "inbox"',
    `schedule = "${schedule}"`,
    ...listed.flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${JSON.stringify(value)}`])),
    "[[push.gmail]]",
    'name = "notifications"',
    'pull = "inbox"',
    `path_token = "${token}"`,
  ].join("\n");
  return { google, world: await makeWorld(test, { entries }) };
}

/** The numbers of the mails that Statewave has. */
export function markersIn({ statewave }: World): readonly number[] {
  return statewave.episodes
    .filter(({ source }) => source.startsWith("gmail."))
    .flatMap(({ payload }) => Array.from(JSON.stringify(payload).matchAll(/marker:(\d{1,9})/g), ([, number]) => Number(number)));
}

/** Sends what Pub/Sub pushes when a mailbox changed, and returns the status of the answer. Its history id is of long ago. */
export async function notify(url: string, messageId: string): Promise<number> {
  const data = Buffer.from(JSON.stringify({ emailAddress: "me@example.com", historyId: "1" })).toString("base64");
  const response = await fetch(`${url}/gmail/notifications/events?token=${token}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: { data, messageId }, subscription: "projects/p/subscriptions/s" }),
  });
  return response.status;
}
