/** One link of a Link header. */
export interface Link {
  /** Verbatim: a link may carry `page`, `after` or `since`, and none may be rebuilt. */
  readonly target: string;
  /** The words of its first `rel`, in lower case. */
  readonly relations: readonly string[];
}

/**
 * The links of a Link header. Each character is read once, because a server may answer anything.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function parseLinkHeader(header: string | null): readonly Link[] {
  const reader = new LinkReader(header ?? "");
  const links: Link[] = [];
  for (let link = reader.next(); link !== undefined; link = reader.next()) links.push(link);
  return links;
}

/** The target of the first link whose `rel` holds `next`. */
export function nextLink(header: string | null): string | undefined {
  return parseLinkHeader(header).find(({ relations }) => relations.includes("next"))?.target;
}

class LinkReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Link | undefined {
    const open = this.#text.indexOf("<", this.#at);
    const close = open === -1 ? -1 : this.#text.indexOf(">", open);
    if (close === -1) return undefined;
    this.#at = close + 1;
    return { target: this.#text.slice(open + 1, close), relations: this.#relations() };
  }

  /** Reads the parameters up to the comma that ends the link. */
  #relations(): readonly string[] {
    let relations: readonly string[] | undefined;
    while (this.#take(";")) {
      const name = this.#until("=;,").toLowerCase();
      const value = this.#take("=") ? this.#value() : "";
      if (name === "rel") relations ??= value.toLowerCase().split(" ");
    }
    return relations ?? [];
  }

  #value(): string {
    this.#skipSpace();
    return this.#take('"') ? this.#quoted() : this.#until(";,");
  }

  /** The rest of a quoted string, without its backslashes. */
  #quoted(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== '"') {
      this.#at += this.#text.charAt(this.#at) === "\\" ? 2 : 1;
    }
    const quoted = this.#text.slice(start, this.#at);
    this.#at += 1;
    return quoted.replaceAll("\\", "");
  }

  #until(ends: string): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !ends.includes(this.#text.charAt(this.#at))) this.#at += 1;
    return this.#text.slice(start, this.#at).trim();
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (this.#text.charAt(this.#at) === " " || this.#text.charAt(this.#at) === "\t") this.#at += 1;
  }
}
