import { type ChannelType, compareTs, type FakeChannel, type FakeWorkspace, type Json } from "./workspace.ts";

export interface MethodSettings {
  readonly scopes: ReadonlySet<string>;
  readonly nowMs: () => number;
  /** History and replies give at most so many objects, however many are requested. */
  readonly maxObjects: number;
  /** How long a `next_cursor` is good for. */
  readonly cursorTtlMs: number;
}

type Params = URLSearchParams;
type Method = (workspace: FakeWorkspace, params: Params, settings: MethodSettings) => Json;

const scopeNames: Readonly<Record<ChannelType, string>> = { public: "channels", private: "groups", im: "im", mpim: "mpim" };
const typeNames: Readonly<Record<string, ChannelType>> = {
  public_channel: "public",
  private_channel: "private",
  im: "im",
  mpim: "mpim",
};

/** What a method refuses with: `{ ok: false, error }`. */
class MethodError extends Error {
  readonly body: Json;
  constructor(error: string, more: Json = {}) {
    super(error);
    this.body = { ok: false, error, ...more };
  }
}

const methods: Readonly<Record<string, Method>> = {
  "auth.test": ({ shape }) => ({
    url: "https://acme.slack.com/",
    team: "Acme",
    team_id: shape.teamId,
    user: "app",
    user_id: shape.botUserId,
    bot_id: "B0APP",
  }),
  "conversations.list": listConversations,
  "conversations.info": (workspace, params, settings) => {
    const channel = visible(workspace, params);
    needScope(settings, `${scopeNames[channel.type]}:read`);
    return { channel: describe(channel) };
  },
  "conversations.history": history,
  "conversations.replies": replies,
  "users.info": (workspace, params, settings) => {
    needScope(settings, "users:read");
    const user = workspace.users.get(params.get("user") ?? "");
    if (user === undefined) throw new MethodError("user_not_found");
    return { user };
  },
  "usergroups.list": (workspace, _, settings) => {
    needScope(settings, "usergroups:read");
    return { usergroups: Array.from(workspace.groups, ([id, handle]) => ({ id, handle, name: handle })) };
  },
};

export function isMethod(name: string): boolean {
  return Object.hasOwn(methods, name);
}

/** Answers a method's body, refusals included. */
export function answerMethod(name: string, workspace: FakeWorkspace, params: Params, settings: MethodSettings): Json {
  try {
    return { ok: true, ...methods[name]!(workspace, params, settings) };
  } catch (error) {
    if (error instanceof MethodError) return error.body;
    throw error;
  }
}

function listConversations(workspace: FakeWorkspace, params: Params, settings: MethodSettings): Json {
  const types = (params.get("types") ?? "public_channel").split(",").map((name) => {
    const type = typeNames[name.trim()];
    if (type === undefined) throw new MethodError("invalid_types");
    return type;
  });
  for (const type of types) needScope(settings, `${scopeNames[type]}:read`);
  const rows = [...workspace.channels.values()].filter(
    (channel) =>
      types.includes(channel.type) &&
      (channel.type === "public" || channel.isMember) &&
      !(channel.isArchived && params.get("exclude_archived") === "true"),
  );
  const from = Number(openCursor(params, "conversations.list", "", settings) ?? 0);
  const limit = limitOf(params, 1_000);
  const more = from + limit < rows.length;
  return {
    channels: rows.slice(from, from + limit).map((channel) => describe(channel)),
    response_metadata: { next_cursor: more ? sealCursor("conversations.list", "", String(from + limit), settings) : "" },
  };
}

function history(workspace: FakeWorkspace, params: Params, settings: MethodSettings): Json {
  const channel = readable(workspace, params, settings);
  const { oldest, latest, isInside } = boundsOf(params);
  const limit = Math.min(limitOf(params, 999), settings.maxObjects);
  const at = openCursor(params, "conversations.history", channel.id, settings);
  // With only `oldest`, the slice nearest to it comes first; otherwise the one nearest to `latest`.
  const isForward = oldest !== undefined && latest === undefined;
  const rows = channel.messages.filter((message) => {
    const ts = String(message["ts"]);
    return isInside(ts) && (at === undefined || (isForward ? compareTs(ts, at) > 0 : compareTs(ts, at) < 0));
  });
  const slice = isForward ? rows.slice(0, limit) : rows.slice(-limit);
  const hasMore = rows.length > slice.length;
  const edge = isForward ? slice.at(-1) : slice[0];
  return {
    messages: slice.toReversed().map((message) => workspace.shown(channel, message)),
    has_more: hasMore,
    pin_count: 0,
    response_metadata: {
      next_cursor: hasMore ? sealCursor("conversations.history", channel.id, String(edge!["ts"]), settings) : "",
    },
  };
}

function replies(workspace: FakeWorkspace, params: Params, settings: MethodSettings): Json {
  const channel = readable(workspace, params, settings);
  const asked = params.get("ts") ?? "";
  // Any message of the thread will do.
  const thread = [...channel.replies].find(([, list]) => list.some((reply) => reply["ts"] === asked));
  const parentTs = thread?.[0] ?? asked;
  const parent = channel.messages.find((message) => message["ts"] === parentTs);
  if (parent === undefined) throw new MethodError("thread_not_found");
  const { isInside } = boundsOf(params);
  const limit = Math.min(limitOf(params, 1_000), settings.maxObjects);
  const at = openCursor(params, "conversations.replies", channel.id, settings);
  const rows = (channel.replies.get(parentTs) ?? []).filter(
    (reply) => isInside(String(reply["ts"])) && (at === undefined || compareTs(String(reply["ts"]), at) > 0),
  );
  const slice = rows.slice(0, Math.max(1, limit - 1));
  const hasMore = rows.length > slice.length;
  return {
    // Every page begins with the parent, inside the bounds or not.
    messages: [workspace.shown(channel, parent), ...slice],
    has_more: hasMore,
    response_metadata: {
      next_cursor: hasMore ? sealCursor("conversations.replies", channel.id, String(slice.at(-1)!["ts"]), settings) : "",
    },
  };
}

/** A private conversation the app is not in does not exist for it. */
function visible(workspace: FakeWorkspace, params: Params): FakeChannel {
  const channel = workspace.channels.get(params.get("channel") ?? "");
  if (channel === undefined || (channel.type !== "public" && !channel.isMember)) throw new MethodError("channel_not_found");
  return channel;
}

function readable(workspace: FakeWorkspace, params: Params, settings: MethodSettings): FakeChannel {
  const channel = visible(workspace, params);
  needScope(settings, `${scopeNames[channel.type]}:history`);
  if (!channel.isMember) throw new MethodError("not_in_channel");
  return channel;
}

function describe(channel: FakeChannel): Json {
  const { id, type, name, user, isMember, isArchived } = channel;
  if (type === "im") return { id, is_im: true, user, is_archived: isArchived };
  const isGroup = { is_private: type !== "public", is_mpim: type === "mpim" };
  return { id, name, is_channel: type === "public", ...isGroup, is_member: isMember, is_archived: isArchived };
}

function needScope({ scopes }: MethodSettings, needed: string): void {
  if (!scopes.has(needed)) throw new MethodError("missing_scope", { needed, provided: [...scopes].join(",") });
}

function limitOf(params: Params, most: number): number {
  const limit = Number(params.get("limit") ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw new MethodError("invalid_limit");
  return limit;
}

function boundsOf(params: Params) {
  const oldest = params.get("oldest") ?? undefined;
  const latest = params.get("latest") ?? undefined;
  for (const [name, ts] of Object.entries({ oldest, latest })) {
    if (ts !== undefined && !/^\d{1,11}(\.\d{1,6})?$/.test(ts)) throw new MethodError(`invalid_ts_${name}`);
  }
  const edge = params.get("inclusive") === "true" ? 0 : 1;
  const isInside = (ts: string) =>
    (oldest === undefined || compareTs(ts, oldest) >= edge) && (latest === undefined || compareTs(ts, latest) <= -edge);
  return { oldest, latest, isInside };
}

function sealCursor(method: string, about: string, at: string, { nowMs }: MethodSettings): string {
  return Buffer.from(JSON.stringify({ method, about, at, madeAtMs: nowMs() })).toString("base64");
}

function openCursor(params: Params, method: string, about: string, { nowMs, cursorTtlMs }: MethodSettings): string | undefined {
  const cursor = params.get("cursor");
  if (cursor === null || cursor === "") return undefined;
  try {
    const sealed = JSON.parse(Buffer.from(cursor, "base64").toString("utf8")) as Record<string, unknown>;
    const isOurs = sealed["method"] === method && sealed["about"] === about;
    if (isOurs && nowMs() - Number(sealed["madeAtMs"]) <= cursorTtlMs) return String(sealed["at"]);
  } catch {
    // Not a cursor at all: the same answer.
  }
  throw new MethodError("invalid_cursor");
}
