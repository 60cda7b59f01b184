import * as v from "valibot";
import { withoutTrailingSlashes } from "./trailing-slashes.ts";

/** What a base URL is, with an example of this provider's. */
export interface BaseUrlOptions {
  /** For the message, e.g. `https://api.example.com`. */
  readonly example: string;
}

/**
 * The option `base_url`: an `http` or `https` URL without user, query or fragment. The connector gets it without slashes at its end, so
 * that paths can be appended, and with its host in the form that is sent.
 */
export function baseUrl({ example }: BaseUrlOptions) {
  const message = `base_url is an http or https URL without user, query or fragment, e.g. "${example}"`;
  return v.pipe(
    v.string(message),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const url = toBaseUrl(dataset.value.trim());
      if (url !== undefined) return url;
      addIssue({ message });
      return NEVER;
    }),
    v.metadata({ type: "URL" }),
    v.examples([example]),
  );
}

/** `URL` skips tabs and line breaks inside a text, reads `\` as a slash, and drops an empty query, so these are refused before. */
const plainUrl = /^https?:\/\/[^\s\\?#@]+$/i;

function toBaseUrl(text: string): string | undefined {
  const url = plainUrl.test(text) ? URL.parse(text) : null;
  return url === null ? undefined : withoutTrailingSlashes(`${url.origin}${url.pathname}`);
}
