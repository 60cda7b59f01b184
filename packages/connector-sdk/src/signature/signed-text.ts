import type { ReceivedRequest } from "../contract/receiver.ts";

/** What a signature is made of, of one request. */
export type SignedRequest = Pick<ReceivedRequest, "method" | "headers" | "body">;

type SignedPiece =
  /** Its bytes, read as Latin-1, as those of headers are. */
  | { readonly type: "literal"; readonly text: string }
  | { readonly type: "body" }
  | { readonly type: "method" }
  | { readonly type: "timestamp" }
  | { readonly type: "header"; readonly name: string };

const placeholder = /\{(body|method|timestamp|header:[a-z0-9-]{1,100})\}/;

/**
 * What a provider signs, written as its documentation writes it: `v0:{timestamp}:{body}`. `{body}` are the raw bytes, `{timestamp}` is the
 * time as sent, `{header:webhook-id}` the value of a header, `{method}` the method. Everything else stands for itself.
 */
export class SignedText {
  readonly #pieces: readonly SignedPiece[];

  constructor(template: string) {
    this.#pieces = toPieces(template);
  }

  /** Whether it has the body, or the time, in it. */
  covers(part: "body" | "timestamp"): boolean {
    return this.#pieces.some(({ type }) => type === part);
  }

  /** The names of the headers that are signed. */
  get headers(): readonly string[] {
    return this.#pieces.flatMap((piece) => (piece.type === "header" ? [piece.name] : []));
  }

  /** Whether the request has every header that is signed. */
  isComplete({ headers }: SignedRequest): boolean {
    return this.#pieces.every((piece) => piece.type !== "header" || headers[piece.name] !== undefined);
  }

  /**
   * The signed bytes of a request, in order. Undefined when a header holds the text that separates it from the next part: the same bytes
   * could then be cut in another place, and the signature of one request would fit another. A time has a form that leaves no doubt.
   */
  of(request: SignedRequest, timestamp: string): readonly Uint8Array[] | undefined {
    const parts: Uint8Array[] = [];
    // What stands beside the body is put together: each part costs as much to hash as some hundred bytes.
    let text = "";
    let header = "";
    for (const piece of this.#pieces) {
      if (piece.type === "body") {
        if (text !== "") parts.push(Buffer.from(text, "latin1"));
        parts.push(request.body);
        text = "";
        header = "";
        continue;
      }
      if (piece.type === "literal" && header.includes(piece.text)) return undefined;
      const value = textOf(piece, request, timestamp);
      header = piece.type === "header" ? value : "";
      text += value;
    }
    return text === "" ? parts : [...parts, Buffer.from(text, "latin1")];
  }
}

function textOf(piece: Exclude<SignedPiece, { type: "body" }>, { method, headers }: SignedRequest, timestamp: string): string {
  switch (piece.type) {
    case "literal":
      return piece.text;
    case "header":
      return headers[piece.name] ?? "";
    case "method":
      return method;
    case "timestamp":
      return timestamp;
  }
}

function toPieces(template: string): readonly SignedPiece[] {
  // The pattern has one group, so texts and placeholders alternate.
  return template.split(placeholder).flatMap((text, at): readonly SignedPiece[] => {
    if (at % 2 === 0) return text === "" ? [] : [{ type: "literal", text: Buffer.from(text).toString("latin1") }];
    if (text.startsWith("header:")) return [{ type: "header", name: text.slice("header:".length) }];
    return [{ type: text as "body" | "method" | "timestamp" }];
  });
}
