import { type AnswerBody, messageOf, readBody } from "./answer-body.ts";
import type { AnswerFacts } from "./answers.ts";
import type { Answered } from "./exchange.ts";
import { longestAbout, shownText } from "./shown-text.ts";

/** What is known of the request. */
export interface ReadAnswerOptions {
  readonly requestName: string;
  readonly about: string | undefined;
  readonly namedWaitMs: number | undefined;
}

/** An answer whose body is parsed. A class, because most answers are no errors: their words are only looked for when a row reads them. */
export class ReadAnswer implements AnswerFacts {
  readonly status: number;
  readonly headers: Headers;
  readonly format: AnswerFacts["format"];
  readonly body: unknown;
  readonly requestName: string;
  readonly about: string | undefined;
  readonly namedWaitMs: number | undefined;
  readonly #text: string;

  constructor({ status, headers, text }: Answered, options: ReadAnswerOptions) {
    const { format, body }: AnswerBody = readBody(text, headers);
    this.status = status;
    this.headers = headers;
    this.format = format;
    this.body = body;
    this.requestName = options.requestName;
    this.about = options.about === undefined ? undefined : shownText(options.about, longestAbout);
    this.namedWaitMs = options.namedWaitMs;
    this.#text = text;
  }

  get message(): string {
    return messageOf(this, this.#text);
  }
}
