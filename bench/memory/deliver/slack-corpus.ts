import { FakeSlack } from "@statewave-connectors/connector-slack/testing";
import * as v from "valibot";
import { questions } from "../questions/question-set.ts";

/** A message as people and apps send it. `more` are fields as Slack's API has them: `attachments`, `blocks`, `files`, `bot_id`, `subtype`. */
const message = v.strictObject({
  at: v.string(),
  /** A channel by name; a reply has it from its thread. */
  in: v.optional(v.string()),
  /** The `id` of the message that begins the thread. */
  re: v.optional(v.string()),
  by: v.string(),
  text: v.optional(v.string(), ""),
  id: v.optional(v.string()),
  /** The words after an edit, a minute later. */
  edited: v.optional(v.string()),
  more: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** What only the Events API reports: a reaction to a message. */
const reaction = v.strictObject({ at: v.string(), by: v.string(), to: v.string(), emoji: v.string() });

export const slackCorpus = v.strictObject({
  team: v.string(),
  /** Names by id, without the `U` that begins it: `INES: Ines Rocha`. */
  users: v.record(v.string(), v.string()),
  channels: v.array(v.string()),
  questions,
  messages: v.array(message),
  reactions: v.optional(v.array(reaction), []),
});

export type SlackCorpus = v.InferOutput<typeof slackCorpus>;

export interface StartedSlack {
  readonly fake: FakeSlack;
  /** Envelopes of the Events API, as they are posted. */
  readonly deliveries: readonly string[];
}

/** A fake Slack in which all of it was said. */
export async function startSlack(corpus: SlackCorpus): Promise<StartedSlack> {
  let now: number | undefined;
  const nowMs = () => now ?? Date.now();
  const fake = await FakeSlack.start({ teamId: corpus.team, channels: 0, users: 0, hasTiers: false, nowMs });
  const { workspace } = fake;
  for (const [id, name] of Object.entries(corpus.users)) workspace.addUser(`U${id}`, name);
  for (const name of corpus.channels) workspace.addChannel(channelId(name), name);
  const posted = new Map<string, Posted>();
  for (const { at, in: channelName, re, by, text, id, edited, more } of corpus.messages) {
    now = Date.parse(at);
    const parent = re === undefined ? undefined : knownOf(posted, re);
    const channel = parent?.channel ?? channelId(channelName ?? "");
    const fields = { user: `U${by}`, ...more };
    const ts =
      parent === undefined
        ? workspace.post(channel, text, fields)
        : workspace.reply(channel, parent.ts, text, { parent_user_id: parent.user, ...fields });
    if (id !== undefined) posted.set(id, { channel, ts, user: fields.user });
    now += 60_000;
    if (edited !== undefined) workspace.edit(channel, ts, edited);
  }
  now = undefined;
  const deliveries = corpus.reactions.map((reacted, at) => delivery(corpus.team, reacted, knownOf(posted, reacted.to), at));
  return { fake, deliveries };
}

interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
}

function knownOf(posted: ReadonlyMap<string, Posted>, id: string): Posted {
  const known = posted.get(id);
  if (known === undefined) throw new Error(`no earlier message has the id "${id}"`);
  return known;
}

function channelId(name: string): string {
  return `C0${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")}`;
}

function delivery(team: string, reacted: v.InferOutput<typeof reaction>, on: Posted, at: number): string {
  const seconds = Math.floor(Date.parse(reacted.at) / 1_000);
  return JSON.stringify({
    team_id: team,
    context_team_id: team,
    api_app_id: "A0BENCH",
    event: {
      type: "reaction_added",
      user: `U${reacted.by}`,
      reaction: reacted.emoji,
      item_user: on.user,
      item: { type: "message", channel: on.channel, ts: on.ts },
      event_ts: `${seconds}.000000`,
    },
    type: "event_callback",
    event_id: `Ev${at}`,
    event_time: seconds,
    authorizations: [{ enterprise_id: null, team_id: team, user_id: "U0APP", is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  });
}
