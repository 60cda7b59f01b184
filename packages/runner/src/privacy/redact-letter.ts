import type { DeadLetter, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { type MapText, mapTexts } from "./map-texts.ts";
import { redactEpisode } from "./redact-episode.ts";

/** A dead letter as it is shown. The stored one stays as it was received, and a retry delivers that. */
export function redactLetter(letter: DeadLetter, mapText: MapText): DeadLetter {
  const { item } = letter;
  return {
    ...letter,
    reason: mapText(letter.reason, ""),
    ...(item === undefined ? {} : { item: redactItem(item, mapText) }),
  };
}

/** An inbox item as it is shown. */
export function redactItem(item: InboxItem, mapText: MapText): InboxItem {
  switch (item.type) {
    case "event":
      return {
        ...item,
        headers: mapTexts(item.headers, mapText) as Readonly<Record<string, string>>,
        body: redactBody(item.body, mapText),
      };
    case "episode":
      return { ...item, episode: redactEpisode(item.episode, mapText) };
    case "item":
      return {
        ...item,
        ...(item.raw === undefined ? {} : { raw: mapTexts(item.raw, mapText) }),
        ...(item.yielded === undefined ? {} : { yielded: mapTexts(item.yielded, mapText) }),
      };
    case "trigger":
      return item;
  }
}

/** Redacts JSON by its values, which may be escaped, and any other body as text. A body without a finding is returned byte for byte. */
function redactBody(body: Uint8Array, mapText: MapText): Uint8Array {
  const text = Buffer.from(body).toString("utf8");
  const redacted = redactJson(text, mapText) ?? mapText(text, "");
  return redacted === text ? body : Buffer.from(redacted);
}

function redactJson(text: string, mapText: MapText): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const before = JSON.stringify(parsed);
    const after = JSON.stringify(mapTexts(parsed, mapText));
    return before === after ? text : after;
  } catch {
    return undefined;
  }
}
