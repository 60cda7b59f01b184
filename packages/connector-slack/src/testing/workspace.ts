export type Json = Record<string, unknown>;

export type ChannelType = "public" | "private" | "im" | "mpim";

export interface FakeChannel {
  readonly id: string;
  readonly type: ChannelType;
  name: string;
  isMember: boolean;
  isArchived: boolean;
  /** The other party of a DM. */
  readonly user?: string;
  /** What history shows, oldest first: everything but plain replies. */
  readonly messages: Json[];
  /** Replies by the ts of the thread's first message, oldest first. */
  readonly replies: Map<string, Json[]>;
}

export interface WorkspaceShape {
  readonly teamId: string;
  readonly botUserId: string;
  /** Channels named `channel-1`… that the app is in. */
  readonly channels: number;
  /** Messages in each, one a minute, the last one an hour before the start. */
  readonly messages: number;
  /** Every so many messages begin a thread of two replies; 0: none. */
  readonly threadEvery: number;
  readonly users: number;
}

/** A workspace, changed by what people do in it. Its clock gives the messages their ts. */
export class FakeWorkspace {
  readonly shape: WorkspaceShape;
  readonly channels = new Map<string, FakeChannel>();
  readonly users = new Map<string, Json>();
  /** The handles of groups of users by id. */
  readonly groups = new Map<string, string>();
  readonly #nowMs: () => number;
  #lastMicros = 0n;

  constructor(shape: WorkspaceShape, nowMs: () => number) {
    this.shape = shape;
    this.#nowMs = nowMs;
    for (let at = 1; at <= shape.users; at += 1) this.addUser(userId(at), `Person ${at}`);
    for (let at = 1; at <= shape.channels; at += 1) this.#fill(this.addChannel(`C0CHANNEL${at}`, `channel-${at}`), nowMs());
  }

  addUser(id: string, displayName: string): string {
    this.users.set(id, { id, name: displayName.toLowerCase(), profile: { display_name: displayName, real_name: displayName } });
    return id;
  }

  addGroup(id: string, handle: string): void {
    this.groups.set(id, handle);
  }

  addChannel(id: string, name: string, fields: Partial<FakeChannel> = {}): string {
    const empty = { messages: [], replies: new Map<string, Json[]>() };
    this.channels.set(id, { id, name, type: "public", isMember: true, isArchived: false, ...empty, ...fields });
    return id;
  }

  /** Answers the ts of the message. */
  post(channel: string, text: string, fields: Json = {}): string {
    const ts = this.#nextTs();
    this.#insert(this.channel(channel).messages, { type: "message", user: userId(1), text, ts, ...fields });
    return typeof fields["ts"] === "string" ? fields["ts"] : ts;
  }

  reply(channel: string, parent: string, text: string, fields: Json = {}): string {
    const { replies, messages } = this.channel(channel);
    const ts = typeof fields["ts"] === "string" ? fields["ts"] : this.#nextTs();
    const reply = { type: "message", user: userId(2), text, ts, thread_ts: parent, parent_user_id: userId(1), ...fields };
    const thread = replies.get(parent) ?? [];
    replies.set(parent, thread);
    this.#insert(thread, reply);
    // Shown in the channel too, it is the same message.
    if (fields["subtype"] === "thread_broadcast") this.#insert(messages, reply);
    return ts;
  }

  edit(channel: string, ts: string, text: string): string {
    const { messages, replies } = this.channel(channel);
    const message = [...messages, ...[...replies.values()].flat()].find((candidate) => candidate["ts"] === ts)!;
    const editedTs = this.#nextTs();
    Object.assign(message, { text, edited: { user: message["user"], ts: editedTs } });
    return editedTs;
  }

  /** A message with replies stays behind as a tombstone. */
  delete(channel: string, ts: string): void {
    const { messages, replies } = this.channel(channel);
    const at = messages.findIndex((message) => message["ts"] === ts);
    if (replies.has(ts))
      messages[at] = { type: "message", subtype: "tombstone", user: "USLACKBOT", text: "This message was deleted.", ts };
    else messages.splice(at, 1);
  }

  channel(id: string): FakeChannel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new Error(`no channel ${id}`);
    return channel;
  }

  /** A message as the API shows it: a thread's first one names its replies. */
  shown(channel: FakeChannel, message: Json): Json {
    const ts = String(message["ts"]);
    const thread = channel.replies.get(ts);
    if (thread === undefined || thread.length === 0) return message;
    return { ...message, thread_ts: ts, reply_count: thread.length, latest_reply: thread.at(-1)!["ts"] };
  }

  #fill(id: string, nowMs: number): void {
    const { messages, threadEvery } = this.shape;
    for (let at = 0; at < messages; at += 1) {
      const seconds = Math.floor(nowMs / 1_000) - 3_600 - (messages - 1 - at) * 60;
      const ts = this.post(id, `message marker:${id}:${at}`, {
        ts: `${seconds}.${pad(at % 1_000_000)}`,
        user: userId(1 + (at % this.shape.users)),
      });
      if (threadEvery === 0 || at % threadEvery !== 0) continue;
      for (const n of [1, 2]) this.reply(id, ts, `marker:${id}:${at}:reply:${n}`, { ts: `${seconds + n}.${pad(n)}` });
    }
  }

  #insert(list: Json[], message: Json): void {
    let at = list.length;
    while (at > 0 && compareTs(String(list[at - 1]!["ts"]), String(message["ts"])) > 0) at -= 1;
    list.splice(at, 0, message);
  }

  #nextTs(): string {
    const nowMicros = BigInt(this.#nowMs()) * 1_000n;
    this.#lastMicros = nowMicros > this.#lastMicros ? nowMicros : this.#lastMicros + 1n;
    return `${this.#lastMicros / 1_000_000n}.${pad(this.#lastMicros % 1_000_000n)}`;
  }
}

function userId(at: number): string {
  return `U0PERSON${at}`;
}

export function compareTs(left: string, right: string): number {
  const [a, b] = [sortable(left), sortable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortable(ts: string): string {
  // What the fake writes itself has this length; only bounds may be shorter.
  if (ts.length === 17) return ts;
  const [seconds = "0", fraction = ""] = ts.split(".");
  return `${seconds.padStart(10, "0")}.${fraction.padEnd(6, "0")}`;
}

function pad(value: number | bigint): string {
  return String(value).padStart(6, "0");
}
