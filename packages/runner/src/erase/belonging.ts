import type { Clock, Episode } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { OpenedEntries } from "../composition/live-entries.ts";
import { Deadline } from "../deadline/deadline.ts";
import { ownerOf } from "../failed-items/item-owner.ts";
import { mapSample } from "../trial/map-sample.ts";
import { mentionsEscaped } from "./subject-mentions.ts";
import { isSubject, type SubjectSpellings } from "./subject-spellings.ts";

/** An item of a subject. `part`: it yields the episodes of others, too. */
export type Owned = { readonly type: "whole" } | { readonly type: "part"; readonly others: readonly Episode[] };

/** What an item has to do with a subject. `undecided`: it mentions the subject and cannot be mapped. */
export type Belonging = Owned | { readonly type: "none" } | { readonly type: "undecided" };

export interface Mapping {
  readonly entries: OpenedEntries;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** As long as the runner gives a connector for a page. */
const mappingTimeoutMs = 30_000;

/** Decides it as the runner would deliver the item: by its entry's `subject`, its episode, or what the connector maps it to. */
export async function belongingOf(item: InboxItem, of: SubjectSpellings, mapping: Mapping): Promise<Belonging> {
  switch (item.type) {
    case "trigger":
      return { type: "none" };
    case "episode":
      return { type: isSubject(item.episode.subject, of) ? "whole" : "none" };
    case "item": {
      const owner = ownerOf(mapping.entries, item);
      if (owner?.subject !== undefined) return { type: isSubject(owner.subject, of) ? "whole" : "none" };
      return { type: mentionsEscaped(JSON.stringify([item.id, item.raw, item.yielded]), of) ? "undecided" : "none" };
    }
    case "event":
      return belongingOfEvent(item, of, mapping);
  }
}

async function belongingOfEvent(
  item: Extract<InboxItem, { type: "event" }>,
  of: SubjectSpellings,
  { entries, clock, signal }: Mapping,
): Promise<Belonging> {
  const unknown = (): Belonging => ({
    type: mentionsEscaped(Buffer.from(item.body).toString("utf8"), of) ? "undecided" : "none",
  });
  const key = formatSourceKey(item.source);
  const push = entries.pushes.find((candidate) => formatSourceKey(candidate.key) === key);
  if (push === undefined) return unknown();
  const { subject } = push.entry;
  if (subject !== undefined) return { type: isSubject(subject, of) ? "whole" : "none" };
  const deadline = new Deadline({ clock, timeoutMs: mappingTimeoutMs, signal }).start();
  try {
    const { episodes, failures, error } = await mapSample(push, item, deadline.signal);
    const isPartial = failures.length > 0 || error !== undefined;
    const others = episodes.map(({ episode }) => episode).filter((episode) => !isSubject(episode.subject, of));
    const isMatched = others.length < episodes.length;
    if (isPartial) return isMatched ? { type: "undecided" } : unknown();
    if (!isMatched) return { type: "none" };
    return others.length === 0 ? { type: "whole" } : { type: "part", others };
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.signal.aborted) return unknown();
    throw error;
  } finally {
    deadline.end();
  }
}
