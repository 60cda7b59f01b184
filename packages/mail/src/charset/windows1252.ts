import { latin1 } from "./latin1.ts";

/** The characters 0x80 to 0x9F; the five that are none stay as they are. */
const high = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

/** Windows-1252, which `TextDecoder` of several Node releases decodes as ISO 8859-1. */
export function decodeWindows1252(bytes: Uint8Array): string {
  return latin1(bytes).replaceAll(/[\x80-\x9F]/g, (character) => high.charAt(character.charCodeAt(0) - 0x80));
}
