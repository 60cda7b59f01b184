// The third parties' connectors of apps/runner/test/fixtures/outside, and what their users configure.
import { createHmac } from "node:crypto";
import { request } from "./world.mjs";

const secret = "outside-signing-secret";
/** Due on the first of January: only commands sync. */
const schedule = 'schedule = "0 0 1 1 *"';

/** @type {readonly import("./end-to-end.mjs").Subject[]} */
export const subjects = [
  {
    kind: "desk",
    dependencies: [],
    episodes: 250 + 120 + 150 - 1,
    entries: ({ url, token }) =>
      `[[pull.desk]]\nname = "main"\n${schedule}\nbase_url = "${url}"\nemail = "ada@desk.example"\ntoken = "${token}"\n` +
      `[[push.desk]]\nname = "main"\nsigning_secret = "${secret}"\n`,
    repair: {
      file: "src/items.ts",
      from: "requester: Person,",
      to: 'requester: v.nullish(Person, { name: "Nobody", email: "nobody@desk.example", role: "end-user" }),',
    },
    async webhook({ url, token }) {
      const authorization = `Basic ${Buffer.from(`ada@desk.example/token:${token}`).toString("base64")}`;
      const first = `${url}/api/v2/incremental/tickets?start_time=2025-01-01T00:00:00Z&per_page=1`;
      const answer = await request(first, { headers: { authorization } });
      const { tickets } = /** @type {{ tickets: readonly unknown[] }} */ (await answer.json());
      const body = JSON.stringify({ type: "ticket.updated", ticket: tickets[0] });
      const timestamp = new Date().toISOString();
      const headers = {
        "content-type": "application/json",
        "x-desk-webhook-invocation-id": "i1",
        "x-desk-webhook-signature-timestamp": timestamp,
        "x-desk-webhook-signature": createHmac("sha256", secret)
          .update(timestamp + body)
          .digest("base64"),
      };
      return { path: "/desk/main/events", body, headers };
    },
  },
  {
    kind: "rss",
    dependencies: ["fast-xml-parser"],
    episodes: 250 - 1,
    answersUnchanged: true,
    entries: ({ url }) => `[[pull.rss]]\nname = "main"\n${schedule}\nurl = "${url}/feed.xml"\n`,
    repair: {
      file: "src/feed.ts",
      from: "v.toDate()",
      to: 'v.transform((date) => new Date(date === "soon" ? 0 : date))',
    },
  },
];
