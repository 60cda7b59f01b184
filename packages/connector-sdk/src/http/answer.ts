import type { ConfigSchema } from "../contract/config-schema.ts";
import type { AnswerFacts } from "./answers.ts";
import { parseLinkHeader } from "./link-header.ts";
import type { ProviderWords } from "./provider-words.ts";
import { providerDateMs } from "./retry-after.ts";
import { shownText } from "./shown-text.ts";

/** What every answer has. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  readonly etag: string | undefined;
  /** As the provider wrote it. */
  readonly lastModified: string | undefined;
  /** The next page as a whole URL, from the Link header; undefined on the last one. */
  readonly next: string | undefined;
  /** The provider's clock when it answered, epoch milliseconds; ours when it names none, or one that is more than a day fast. */
  readonly dateMs: number;
  /** How a sentence names the request: `GET /repos/acme/widgets (the releases) for [[pull.github]] name = "main"`. */
  readonly requestName: string;
  /** A redirect said that the resource lives elsewhere for good (301, 308). */
  readonly moved: boolean;
}

/** An answer with a body: parsed JSON, or the text. Undefined without content (204). */
export interface FreshAnswer<Body = unknown> extends AnswerHead {
  readonly notModified: false;
  readonly body: Body;
}

/** An answer to a request with an ETag or a time of change. */
export type Answer<Body = unknown> = FreshAnswer<Body> | (AnswerHead & { readonly notModified: true; readonly body: undefined });

/** What an answer is made from. */
export interface ReceivedAnswer<Body> {
  readonly facts: AnswerFacts;
  /** The body, when it was requested as text. */
  readonly text: string | undefined;
  readonly url: URL;
  readonly moved: boolean;
  readonly schema: ConfigSchema<Body> | undefined;
  readonly nowMs: number;
}

/** Behind it a header is no list of pages. */
const maxLinkHeader = 64 * 1024;

/** The answer that the caller gets. */
export async function toAnswer<Body>(received: ReceivedAnswer<Body>, words: ProviderWords): Promise<Answer<Body>> {
  const { facts, text, moved, schema, nowMs } = received;
  const { status, headers, requestName } = facts;
  const head: AnswerHead = {
    status,
    headers,
    etag: headers.get("etag") ?? undefined,
    lastModified: headers.get("last-modified") ?? undefined,
    next: nextOf(received, words),
    dateMs: providerDateMs(headers, nowMs),
    requestName,
    moved,
  };
  if (status === 304) return { ...head, notModified: true, body: undefined };
  const body = text ?? facts.body;
  return {
    ...head,
    notModified: false,
    body: schema === undefined ? (body as Body) : await validated(body, schema, head, words),
  };
}

/** Never the end by guess: a header that cannot be read is an error, and not the last page. */
function nextOf({ facts, url }: ReceivedAnswer<unknown>, words: ProviderWords): string | undefined {
  const header = facts.headers.get("link")?.trim() ?? "";
  if (header === "") return undefined;
  const links = header.length > maxLinkHeader ? [] : parseLinkHeader(header);
  if (links.length === 0) throw words.badAnswer(facts.requestName, "has a Link header that cannot be read");
  const target = links.find(({ relations }) => relations.includes("next"))?.target;
  return target === undefined ? undefined : (URL.parse(target, url.href)?.href ?? target);
}

async function validated<Body>(body: unknown, schema: ConfigSchema<Body>, head: AnswerHead, words: ProviderWords): Promise<Body> {
  const result = await schema["~standard"].validate(body);
  if (result.issues === undefined) return result.value;
  const path = (result.issues[0]?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  throw words.badAnswer(head.requestName, `has another form than expected${path === "" ? "" : ` at ${shownText(path, 100)}`}`);
}
