import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { partsToRead } from "@statewave-connectors/mail";
import type { MessageHead } from "../api-items.ts";
import { messageParts } from "../episodes/message-parts.ts";
import type { MailboxApi } from "../mailbox-api.ts";

/** Longer texts are not read: of an episode's text 16 KiB are kept. */
const mostBytes = 1024 * 1024;
/** Nearly every mail has one text. */
const mostTexts = 3;

/** A message with the texts that Gmail sends apart because they are long. */
export async function withLongTexts(api: MailboxApi, message: MessageHead, signal: AbortSignal): Promise<MessageHead> {
  const { root, payloadOf } = messageParts(message);
  const apart = partsToRead(root)
    .filter(({ content, sizeBytes = 0 }) => content === undefined && sizeBytes > 0 && sizeBytes <= mostBytes)
    .flatMap((part) => {
      const payload = payloadOf(part);
      const attachmentId = stringField(toFields(payload?.["body"]), "attachmentId");
      return payload === undefined || attachmentId === undefined ? [] : [{ payload, attachmentId }];
    })
    .slice(0, mostTexts);
  const texts = new Map<Fields, string>();
  for (const { payload, attachmentId } of apart) {
    const text = await textOf(api, message.id, attachmentId, signal);
    if (text !== undefined) texts.set(payload, text);
  }
  return texts.size === 0 ? message : { ...message, payload: withData(toFields(message.payload) ?? {}, texts) };
}

const withoutText = ["not_found", "gone", "refused"] as const;

/** Undefined: Gmail does not return it. The ids of attachments end sooner than those of messages, and a mail without it is still a mail. */
async function textOf(
  api: MailboxApi,
  messageId: string,
  attachmentId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await api.attachment(messageId, attachmentId, signal);
  } catch (error) {
    if (withoutText.some((situation) => isProviderError(error, situation))) return undefined;
    throw error;
  }
}

function withData(payload: Fields, texts: ReadonlyMap<Fields, string>): Fields {
  const data = texts.get(payload);
  const { parts } = payload;
  return {
    ...payload,
    ...(data !== undefined && { body: { ...toFields(payload["body"]), data } }),
    ...(Array.isArray(parts) && { parts: parts.map((part: unknown) => withData(toFields(part) ?? {}, texts)) }),
  };
}
