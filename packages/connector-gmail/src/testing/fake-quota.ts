import type { ProviderAnswer } from "@statewave-connectors/testing/fake-provider";
import { errorAnswer } from "./fake-pubsub.ts";
import type { GmailSettings } from "./gmail-settings.ts";

const minuteMs = 60_000;

/** Units that each mailbox has used in its minute, which begins with a request. */
export class FakeQuota {
  readonly #settings: Pick<GmailSettings, "unitsPerMinute" | "limitStatus">;
  readonly #used = new Map<string, { readonly endsAtMs: number; units: number }>();

  constructor(settings: Pick<GmailSettings, "unitsPerMinute" | "limitStatus">) {
    this.#settings = settings;
  }

  /** A refusal where the units are used up. */
  take(address: string, cost: number, atMs: number): ProviderAnswer | undefined {
    const { unitsPerMinute = Infinity, limitStatus = 403 } = this.#settings;
    const known = this.#used.get(address);
    const current = known === undefined || atMs >= known.endsAtMs ? { endsAtMs: atMs + minuteMs, units: 0 } : known;
    this.#used.set(address, current);
    if (current.units + cost > unitsPerMinute) return overLimit(limitStatus, current.endsAtMs);
    current.units += cost;
    return undefined;
  }
}

/** https://developers.google.com/workspace/gmail/api/guides/handle-errors */
function overLimit(status: 403 | 429, untilMs: number): ProviderAnswer {
  if (status === 429) {
    const message = `User-rate limit exceeded.  Retry after ${new Date(untilMs).toISOString()}`;
    return errorAnswer(429, "RESOURCE_EXHAUSTED", message, "rateLimitExceeded");
  }
  const message = "User Rate Limit Exceeded";
  return {
    status,
    body: { error: { errors: [{ domain: "usageLimits", reason: "userRateLimitExceeded", message }], code: 403, message } },
  };
}
