/** The provider's name in sentences, and what its error codes begin with. */
export const gmail = { provider: "Gmail", codePrefix: "GMAIL" } as const;

/** Reads mails, labels and history, and starts the notifications of a mailbox. */
export const readScope = "https://www.googleapis.com/auth/gmail.readonly";

/** Takes notifications from a subscription. */
export const pubsubScope = "https://www.googleapis.com/auth/pubsub";

/** What Google grants a project: units in a minute for one mailbox, and what reading one message takes of them. */
export interface Quota {
  readonly unitsPerMinute: number;
  readonly messageUnits: number;
}

/** By the year since which the project has used the API. https://developers.google.com/workspace/gmail/api/reference/quota */
export const quotas = {
  "2026": { unitsPerMinute: 6_000, messageUnits: 20 },
  "2025": { unitsPerMinute: 15_000, messageUnits: 5 },
} as const satisfies Readonly<Record<string, Quota>>;

/** What other requests take, in every project. */
export const units = { profile: 1, labels: 1, history: 2, list: 5, watch: 100 } as const;
