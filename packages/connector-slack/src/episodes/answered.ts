import type { Episode } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import type { SlackNames } from "../names/names.ts";
import { toMessageEpisode } from "./message-episode.ts";
import { type NoiseOptions, noiseReason } from "./noise.ts";
import { toOccurrence } from "./occurrence.ts";
import type { Origin } from "./origin.ts";

/**
 * The episode of a message that was left out when it was posted and has got a reply since: it is kept now. Undefined for one that was kept
 * from the first.
 */
export function toAnsweredEpisode(root: Fields, origin: Origin, names: SlackNames, noise: NoiseOptions): Episode | undefined {
  const subtype = stringField(root, "subtype");
  if (subtype === "tombstone" || subtype?.startsWith("message_") === true) return undefined;
  const { thread_ts: _, reply_count: __, ...alone } = root;
  const posted = toOccurrence(alone);
  if (typeof posted === "string" || noiseReason(posted, noise) === undefined) return undefined;
  const answered = { ...posted, message: { ...root, thread_ts: posted.ts } };
  const mapped = toMessageEpisode(answered, origin, names, noise);
  return typeof mapped === "string" ? undefined : mapped;
}
