import type { Episode } from "@statewave-connectors/connector-sdk";
import { toImapPart } from "../src/mail/mail-structure.ts";
import { mailMapper } from "../src/mail/to-episode.ts";
import { deletionEpisode, knownMail } from "../src/pull/deletions.ts";
import { mailOf, type TestMail } from "./mailbox.ts";

const account = "ada@example.com";
const options = {
  username: account,
  addresses: undefined,
  authserv_id: "mx.example.com",
  member_domains: undefined,
  automatic: true,
  mailing_lists: true,
  quotes: false,
  signatures: false,
};

/** What mails of each kind become, whichever server they come from. */
export function allEpisodes(): ReadonlyMap<string, readonly Episode[]> {
  const map = mailMapper(options, account);
  const made = new Map<string, readonly Episode[]>();
  const add = (name: string, mail: TestMail, { isSent = false, folder = "INBOX" } = {}) => {
    const [header = "", text = ""] = mailOf(mail).split(/(?<=\r\n)\r\n/);
    const fetched = {
      folder,
      validity: "1",
      uid: 7,
      isSent,
      at: "2026-01-01T10:00:05.000Z",
      header: Buffer.from(header),
      root: toImapPart({ type: "text/plain", parameters: { charset: "utf-8" }, encoding: "8bit", size: text.length }),
      contents: new Map([["1", Buffer.from(text)]]),
    };
    made.set(name, map(fetched).episodes);
  };
  add("received", { id: "a@example.org" });
  add("received, in another folder", { id: "a@example.org" }, { folder: "Archive" });
  add("received, with the same Message-ID and another subject", { id: "a@example.org", subject: "Other" });
  add("received without Message-ID", {});
  add("sent", { id: "b@example.com", from: account, to: "bo@example.org" }, { isSent: true, folder: "Sent" });
  add("sent to oneself, in the inbox", { id: "c@example.com", from: account, to: account });
  const [received] = made.get("received") ?? [];
  if (received !== undefined) {
    const folder = { path: "INBOX", validity: "1" };
    made.set("deleted", [deletionEpisode(folder, knownMail(7, received), Date.UTC(2026, 0, 2))]);
  }
  return made;
}
