/** Words that hide who acts or what is meant, and what to write instead. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** A space in a pattern is any white space, so that a phrase is found across a line break. */
function phrase(pattern: string, instead: string): Phrase {
  return { pattern: new RegExp(pattern.replaceAll(" ", "\\s+"), "gi"), instead };
}

/** Each pattern is as narrow as it can be: where a word is right in English, it passes. */
export const phrases: readonly Phrase[] = [
  phrase("\\btold\\b", "reported"),
  phrase("\\btells\\b|\\btell of\\b", "reports, shows"),
  phrase("\\b(?:has|have|had) (?:no )?words for\\b", "reports"),
  phrase("\\basked\\b", "requested, called"),
  phrase("\\basks\\b|\\bask for\\b", "requests"),
  phrase("\\b(?:is|are|was|were|be|being|been|stays?|while|goes|went) away\\b", "unreachable, unavailable"),
  phrase("\\b(?:be|is|are|was|were) had\\b", "available"),
  phrase("\\b(?:goes|go|going|went|gone) on\\b", "resumes, continues"),
  phrase("\\b(?:taken|takes?|took|taking) (?:it |them )?up\\b(?! to)", "resumes"),
  phrase("\\b(?:whoever|somebody|nobody|everybody|anybody)\\b", "the caller, the process, the reader"),
  phrase("\\bin hand\\b", "claimed, in flight"),
  phrase("\\bin (?:its|their|the) row\\b", "queued"),
  phrase("\\bfor want of\\b", "because"),
  phrase(", of which\\b|\\bof which (?:each|only|nothing|another|there|one|any|a)\\b", "a sentence of its own"),
  phrase("\\b(?:is|are|was|were) not to be\\b", "must not be"),
  phrase("\\bshall\\b", "must, will"),
  phrase("\\bwhat (?:came|lies (?:there|here)|\\w+ (?:brings?|brought))\\b", "the page, the events, the stored rows"),
  phrase("\\b(?:a|the|which|each) thing\\b|\\bthings\\b", "the noun itself"),
  phrase("\\bonce in a while\\b|(?<!\\bas )\\bsoon\\b|\\brarely\\b", "the number"),
  phrase("\\bticks?\\b", "run"),
];
