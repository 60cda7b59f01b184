/** A copy to keep: a part of a text keeps the whole text in memory, such as all headers of a mail. */
export function detachedText(part: string): string {
  return Buffer.from(part, "utf16le").toString("utf16le");
}
