import { badAnswer } from "./errors.ts";

/** 200 messages of 40,000 characters with their blocks and attachments stay well below. */
const maxBodyBytes = 32 * 1024 * 1024;

/**
 * The body as text, counted as it streams in, so that no answer can fill the memory.
 *
 * @throws SLACK_BAD_ANSWER above the limit; whatever the connection throws when it breaks.
 */
export async function readBodyText(response: Response, asked: string, limitBytes: number = maxBodyBytes): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw badAnswer(`Slack's answer to ${asked} is larger than ${limitBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
