import { createHmac } from "node:crypto";
import {
  type ConfigSchema,
  ConnectorsError,
  defineConnector,
  type Episode,
  type Page,
} from "@statewave-connectors/connector-sdk";
import { hmac, verifier } from "@statewave-connectors/connector-sdk/signature";
import { writeJournal } from "../witness/journal.ts";

export const kind = "chaos";

interface PullOptions {
  /** Where the source listens. */
  readonly source_url: string;
  /** Pages of one run. */
  readonly pages: number;
}

interface PushOptions {
  readonly secret: string;
}

/** The marker of a page in the key and the text of its only episode. */
export const pageMarker = (source: string, page: number) => `page:${source}:${page}`;
export const webhookMarker = (number: number) => `webhook:${number}`;

const signatureHeader = "x-chaos-signature";
const signature = hmac({ header: signatureHeader, algorithm: "sha256", signed: "{body}", secretOption: "secret" });

/** The headers of a webhook as this receiver demands them. */
export function signedHeaders(body: string, secret: string): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    [signatureHeader]: createHmac("sha256", secret).update(body).digest("hex"),
  };
}

/** Takes what this package writes itself. */
function trusted<Options>(): ConfigSchema<Options> {
  return { "~standard": { version: 1, vendor: "chaos", validate: (value) => ({ value: value as Options }) } };
}

/** A source that always has something new, page 1, 2, 3, …, whose cursor is the last page's number; and webhooks with numbers. */
export function chaosConnector(journalFolder: string) {
  return defineConnector<PullOptions, PushOptions>({
    kind,
    version: "0.0.0",
    pull: {
      config: trusted<PullOptions>(),
      open: ({ source_url: url, pages }, { source, fetch }) => ({
        async *pages(cursor, signal): AsyncGenerator<Page, void> {
          const first = Number(cursor ?? 0) + 1;
          for (let page = first; page < first + pages; page += 1) {
            await requestPage(fetch, `${url}/pages/${page}`, signal);
            writeJournal(journalFolder, { step: "read", source: source.name, page });
            const marker = pageMarker(source.name, page);
            yield { episodes: [numbered(`chaos:${source.name}`, "chaos.page", marker)], cursor: String(page) };
          }
        },
      }),
    },
    push: {
      config: trusted<PushOptions>(),
      open: ({ secret }) => ({
        verify: verifier(signature, secret),
        identify: ({ body }) => String(numberOf(body)),
        async *pages({ body }): AsyncGenerator<Page, void> {
          yield { episodes: [numbered("chaos:webhooks", "chaos.webhook", webhookMarker(numberOf(body)))] };
        },
      }),
    },
  });
}

async function requestPage(fetch: typeof globalThis.fetch, url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  if (response.ok) return;
  throw new ConnectorsError({
    code: "CHAOS_SOURCE_FAILED",
    message: `the fake source answered ${response.status}`,
    hint: "wait for the next run: the fake source fails on purpose",
    retryable: true,
  });
}

function numberOf(body: Uint8Array): number {
  return Number((JSON.parse(new TextDecoder().decode(body)) as { number: unknown }).number);
}

function numbered(subject: string, episodeKind: string, marker: string): Episode {
  return {
    subject,
    kind: episodeKind,
    text: `A trial of the guarantees wrote ${marker}.`,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: episodeKind, id: marker },
    idempotency_key: marker,
  };
}
