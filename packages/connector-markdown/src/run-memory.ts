import type { Logger, ReportHealth } from "@statewave-connectors/connector-sdk";
import type { Withheld } from "./changes/missing-documents.ts";
import { emptiedHint } from "./errors.ts";
import { type LeftOut, printable } from "./folder/left-out.ts";

/** How many folders a message names. */
const maxNamed = 3;

/** What an opened entry remembers of its last run, so that each run reports only what is new. */
export class RunMemory {
  readonly #logger: Logger;
  readonly #reportHealth: ReportHealth;
  #leftOut: LeftOut | undefined;
  #isUnhealthy = false;

  constructor({ logger, reportHealth }: { readonly logger: Logger; readonly reportHealth: ReportHealth }) {
    this.#logger = logger;
    this.#reportHealth = reportHealth;
  }

  /** A walk came to its end. */
  finish(leftOut: LeftOut): void {
    leftOut.log(this.#logger, this.#leftOut);
    this.#leftOut = leftOut;
  }

  /** Makes the source unhealthy while documents are missing from empty folders. */
  reportEmpty(groups: Withheld): void {
    if (groups.size === 0) {
      if (this.#isUnhealthy) this.#reportHealth({ ok: true });
      this.#isUnhealthy = false;
      return;
    }
    const named = [...groups].slice(0, maxNamed).map(([folder, { length }]) => `${printable(folder) || "."} (${length})`);
    const more = groups.size > named.length ? ` and ${groups.size - named.length} more` : "";
    this.#reportHealth({
      ok: false,
      code: "MARKDOWN_FOLDER_EMPTY",
      message: `documents are missing from folders that are suddenly empty: ${named.join(", ")}${more}; no deletion is reported`,
      hint: emptiedHint,
    });
    this.#isUnhealthy = true;
  }
}
