import type { DeadLetter, InboxItem } from "@statewave-connectors/connector-sdk/inbox";

/** A dead letter as JSON: a body becomes text where it is valid UTF-8, else base64. */
export function toDeadLetterJson(letter: DeadLetter): unknown {
  return { ...letter, ...(letter.item === undefined ? {} : { item: toItemJson(letter.item) }) };
}

function toItemJson(item: InboxItem): unknown {
  if (item.type !== "event") return item;
  const { body, ...rest } = item;
  const text = Buffer.from(body).toString("utf8");
  return Buffer.from(text, "utf8").equals(body)
    ? { ...rest, body: text }
    : { ...rest, body_base64: Buffer.from(body).toString("base64") };
}
