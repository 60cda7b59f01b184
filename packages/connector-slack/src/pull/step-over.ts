import type { SteppedOver } from "@statewave-connectors/connector-sdk/paging";
import { distanceOf, isWithin, neighbourOf } from "../slack-time.ts";
import { findBroken, type Probed } from "./find-broken.ts";
import type { MessageRead } from "./message-read.ts";

/** Part of a list of messages, in the direction in which it is read; both ends are included. */
export interface Stretch {
  /** A ts. */
  readonly near: string;
  readonly far: string;
}

/** What Slack answers to a request for the first message of a stretch. */
export interface Probe {
  readonly is: Probed;
  readonly error?: unknown;
}

export interface StepOverOptions extends Stretch {
  /** `C012AB3CD`. */
  readonly channel: string;
  /** Requests the first message of a stretch. Throws what Slack refuses for good. */
  readonly probe: (stretch: Stretch) => Promise<Probe>;
  /** A message that was read, if there was one: Slack answers when it can return that. */
  readonly seen: string | undefined;
  /** The ids of broken messages. */
  readonly known: Set<string>;
}

const mostKnown = 1_000;

/**
 * Steps over a message with which Slack fails: nothing but its time is known. It counts as broken only if Slack returns another message of
 * the list. Throws the error of Slack otherwise.
 */
export async function stepOverMessage(options: StepOverOptions): Promise<SteppedOver<MessageRead>> {
  const { channel, near, far, probe, seen, known } = options;
  // Without a message that was read, an instant is requested at which there is none.
  const alive = await probe(seen === undefined ? { near, far: near } : { near: seen, far: seen });
  if (alive.is === "broken") throw alive.error;
  const direction = distanceOf(near, far) < 0 ? -1 : 1;
  const length = Math.abs(distanceOf(near, far));
  const at = (distance: number) => neighbourOf(near, direction * distance);
  const whole = await probe({ near, far });
  const prefix = `${channel}:`;
  const found = await findBroken({
    probe: async (from, to) => (await probe({ near: at(from), far: at(to) })).is,
    length: whole.is === "broken" ? length : -1,
    known: [...known]
      .filter((id) => id.startsWith(prefix) && isWithin(id.slice(prefix.length), near, far))
      .map((id) => Math.abs(distanceOf(near, id.slice(prefix.length)))),
  });
  // The message can be requested after all, or is not in this part of the list.
  if (found === undefined) return { read: nothing(near) };
  const behind: Probe = found < length ? await probe({ near: at(found + 1), far }) : { is: "empty" };
  const further = () => probe({ near: at(Math.ceil((found + length) / 2)), far });
  if (![alive, behind].some(returnsMessages) && !returnsMessages(await further())) throw whole.error;
  const id = `${prefix}${at(found)}`;
  if (known.size >= mostKnown) known.clear();
  known.add(id);
  return { id, read: behind.is === "empty" ? end : nothing(at(found + 1)) };
}

function returnsMessages({ is }: Probe): boolean {
  return is === "messages";
}

const end: MessageRead = { items: [], messages: [], unreadable: [], hasMore: false, next: undefined };

/** A page without messages, behind which the list resumes at a ts. */
function nothing(next: string): MessageRead {
  return { ...end, hasMore: true, next: `time:${next}` };
}
