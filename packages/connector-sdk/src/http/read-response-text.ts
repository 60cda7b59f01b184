/**
 * A response's body as text, counted as it streams in (after decompression), so that no answer can fill the memory. Undefined as soon as it
 * exceeds `maxBytes`; throws whatever the connection throws when it breaks.
 */
export async function readResponseText(response: Response, maxBytes: number, charset = "utf-8"): Promise<string | undefined> {
  if (response.body === null) return "";
  const decoder = decoderOf(charset);
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** An unknown charset is read as UTF-8. */
function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
