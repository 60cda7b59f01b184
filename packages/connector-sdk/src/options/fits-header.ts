/** What can be sent as the value of a header and arrives as it was: no control character, not even those of Latin-1. */
const headerPattern = /^[\x20-\x7e\xa0-\xff]*$/;

/** Whether a text can be sent as the value of a header. */
export function fitsHeader(text: string): boolean {
  return headerPattern.test(text);
}
