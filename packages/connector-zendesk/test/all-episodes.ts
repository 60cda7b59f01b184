import type { Episode } from "@statewave-connectors/connector-sdk";
import { openEntry, openReceiver } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { connector } from "../src/index.ts";
import { envelope, envelopesOf, FakeZendesk } from "../src/testing/index.ts";

const at = (minute: number) => new Date(Date.UTC(2025, 5, 1, 9, minute));

/** A desk in which everything happens once, seen by push and by pull: what each input becomes. */
export async function allEpisodes(): Promise<ReadonlyMap<string, readonly Episode[]>> {
  const clock = new FakeClock();
  const fake = await FakeZendesk.start({ now: () => clock.now() });
  const { desk } = fake;
  const ticket = desk.open({ subject: "The printer burns", description: "It is on fire.", at: at(0) });
  desk.comment(ticket, { body: "Please step back.", files: ["fire.png"], at: at(1) });
  desk.comment(ticket, { body: "Carl sounds upset.", isPublic: false, at: at(2) });
  desk.move(ticket, "solved", { at: at(3) });
  desk.comment(ticket, { by: desk.customer, body: "It burns again.", status: "open", at: at(4) });
  desk.move(ticket, "solved", { at: at(5) });
  desk.move(ticket, "closed", { by: -1, at: at(6) });
  desk.rate(ticket, "good", "Quick!", at(7));
  const again = desk.open({ subject: "Fire", description: "Still burning.", organization: null, at: at(8) });
  const merged = desk.merge(again, ticket, { at: at(9) });
  const secret = desk.open({ subject: "Card", description: "4111 1111 1111 1111", at: at(10) });
  desk.redact(secret, desk.stepsOf(secret.id)[0]?.comment?.id ?? 0, { at: at(11) });
  const sent = desk.open({ subject: "Scan", description: "My passport.", at: at(12) });
  const scan =
    desk.comment(sent, { by: desk.customer, body: "Here it is.", files: ["passport.png"], at: at(13) }).comment?.id ?? 0;
  desk.redactFile(sent, { comment: scan, attachment: scan * 10 }, { at: at(14) });
  desk.hide(sent, scan, { at: at(15) });
  try {
    const options = { subdomain: "acme", internal_notes: true };
    const { episodesOf } = await openReceiver(connector, { ...options, signing_secret: "s" });
    const made = new Map<string, readonly Episode[]>();
    const push = async (name: string, body: unknown) => made.set(`push ${name}`, await episodesOf(JSON.stringify(body)));
    for (const [number, step] of desk.steps.entries()) {
      for (const body of envelopesOf(step, desk)) await push(`step ${number} ${String(body["type"]).slice(15)}`, body);
    }
    for (const type of ["merged", "soft_deleted", "permanently_deleted", "marked_as_spam", "undeleted"]) {
      await push(type, envelope(`ticket.${type}`, merged, again, {}));
    }
    const entry = { ...options, oauth_token: fake.token, base_url: fake.url };
    const { walk } = await openEntry(connector, entry, { clock });
    const pulled = (await walk()).flatMap(({ episodes }) => episodes);
    for (const episode of pulled) {
      made.set(`pull ${episode.source.id} at ${episode.occurred_at}: ${episode.kind}`, [episode]);
    }
    return made;
  } finally {
    await fake.close();
  }
}
