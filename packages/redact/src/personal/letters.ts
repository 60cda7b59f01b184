/** Letters beyond ASCII of scripts that put spaces between words: an address ends where they do. */
export function isWordLetter(code: number): boolean {
  if (code < 0xaa) return false;
  if (code < 0x2000) return code !== 0xab && code !== 0xbb && code !== 0xd7 && code !== 0xf7 && !isSign(code);
  return (code >= 0x2c00 && code < 0x2e00) || (code >= 0xa640 && code < 0xa980 && code !== 0xa8ff);
}

/** Signs between the letters: of Latin-1, of Arabic, Hebrew and the Indic scripts. */
function isSign(code: number): boolean {
  return (
    (code > 0xaa && code < 0xc0 && code !== 0xb5 && code !== 0xba) ||
    code === 0x37e ||
    code === 0x387 ||
    code === 0x589 ||
    code === 0x5be ||
    code === 0x60c ||
    code === 0x61b ||
    code === 0x61f ||
    code === 0x6d4 ||
    code === 0x964 ||
    code === 0x965
  );
}

/** Letters of scripts that write without spaces: beside an ASCII address they belong to the sentence. */
export function isWideLetter(code: number): boolean {
  return (code >= 0x2e80 && code < 0x3000) || (code >= 0x3005 && code <= 0x3007) || (code >= 0x3041 && code <= 0xd7ff);
}
