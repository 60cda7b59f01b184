import { badAnswer } from "./errors.ts";

/** A page of 100 issues with the largest bodies GitHub allows (64 KiB characters) stays well below. */
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * The body as text, counted as it streams in (after decompression), so that no answer can fill the memory.
 *
 * @throws GITHUB_BAD_ANSWER above the limit; whatever the connection throws when it breaks.
 */
export async function readBodyText(response: Response, asked: string, limitBytes: number = maxBodyBytes): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw badAnswer(`GitHub's answer to ${asked} is larger than ${limitBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
