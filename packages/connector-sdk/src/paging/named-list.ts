import { ConnectorsError } from "../contract/errors.ts";

/** A provider's list, as errors name it. */
export interface NamedList {
  /** The connector's prefix of error codes, e.g. `ZENDESK`. */
  readonly codePrefix: string;
  /** E.g. `Zendesk`. */
  readonly provider: string;
  /** What is listed, in the plural, e.g. `tickets` or `messages of C012AB3CD`. Never a secret. */
  readonly list: string;
}

/** Positions may be long. */
const longestShown = 80;

/** A position as an error shows it. */
export function shownPosition(position: string | number | undefined): string {
  if (position === undefined) return "the first page";
  const text = String(position);
  return JSON.stringify(text.length <= longestShown ? text : `${text.slice(0, longestShown).toWellFormed()}…`);
}

/** `<PREFIX>_PAGE_REPEATED`: following the provider's positions leads in a circle. */
export function pageRepeated({ codePrefix, provider, list }: NamedList, what: string): ConnectorsError {
  return new ConnectorsError({
    code: `${codePrefix}_PAGE_REPEATED`,
    message: `the list of ${list} at ${provider} does not end: ${what}`,
    hint: `report it to ${provider}: each page must lead to a later one`,
    retryable: true,
  });
}

/** `<PREFIX>_NEXT_PAGE_MISSING`: the provider says that there is more, and not where. */
export function nextPageMissing({ codePrefix, provider, list }: NamedList, what: string): ConnectorsError {
  return new ConnectorsError({
    code: `${codePrefix}_NEXT_PAGE_MISSING`,
    message: `${provider} has more ${list}, but ${what}`,
    hint: `report it to ${provider}: the rest of the list cannot be read`,
    retryable: true,
  });
}

/** `<PREFIX>_TOO_MANY_PAGES`: the list is longer than what may be read of it in this way. */
export function tooManyPages({ codePrefix, provider, list }: NamedList, limit: string): ConnectorsError {
  return new ConnectorsError({
    code: `${codePrefix}_TOO_MANY_PAGES`,
    message: `${provider} has more ${list} than the limit of ${limit}`,
    hint: "narrow down what the entry reads",
  });
}
