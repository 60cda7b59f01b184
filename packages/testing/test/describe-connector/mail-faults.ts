import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { PartsInTurn } from "@statewave-connectors/connector-sdk/paging";
import type { ConnectorSubject } from "../../src/index.ts";
import {
  boxes,
  type BoxState,
  formatMail,
  type Mail,
  mailConnector,
  type MailParts,
  soundMail,
  toEpisode,
} from "./mail-connector.ts";
import { mailSuite, pageSize } from "./mail-provider.ts";

export interface MailFault {
  readonly mistake: string;
  readonly noticedBy: string;
  readonly parts: (sound: MailParts, parts: () => MailParts) => Partial<MailParts>;
}

const repeated = "ends with an error when a page comes again and again, and resumes without a gap";
const claimed =
  "ends with an error when the provider claims that there is more and does not say where, and resumes without a gap";
const smaller = "requests smaller pages while the provider does not manage larger ones";
const poisoned = "reads everything but an item that breaks its page, or all that lies before it";
const failingPart = "reads every other part while one fails for now, names the failure, and reads that part once it is well";
const limitedPart =
  "reads every other part by the second run while one ends each run with a rate limit, and reads that part once it is well";
const gonePart = "reads every other part while one is gone or withheld, and reports what is withheld";

/** Follows the list by hand. */
async function* byHand(
  parts: MailParts,
  mail: Mail,
  box: string,
  from: number,
  signal: AbortSignal,
  isOver: (page: Awaited<ReturnType<MailParts["fetchPage"]>>) => boolean,
) {
  for (let offset = from; ; offset += pageSize) {
    const page = await parts.fetchPage(mail, box, offset, pageSize, signal);
    const state: BoxState = { offset: offset + page.letters.length, atMs: page.atMs };
    if (page.letters.length > 0) yield { episodes: page.letters.map((letter) => toEpisode(box, letter)), state };
    if (isOver(page)) return;
  }
}

const listFaults: readonly MailFault[] = [
  {
    mistake: "follows a list that goes in a circle for ever",
    noticedBy: repeated,
    parts: (_, parts) => ({
      readBox: (mail, box, state, signal) => byHand(parts(), mail, box, state?.offset ?? 0, signal, (page) => !page.more),
    }),
  },
  {
    mistake: "takes a page that comes again for the end",
    noticedBy: repeated,
    parts: (sound) => ({
      async *readBox(mail, box, state, signal) {
        try {
          yield* sound.readBox(mail, box, state, signal);
        } catch (error) {
          if (!isConnectorsError(error, "MAIL_PAGE_REPEATED")) throw error;
        }
      },
    }),
  },
  {
    mistake: "takes an empty page for the end, whatever the provider says",
    noticedBy: claimed,
    parts: (_, parts) => ({
      readBox: (mail, box, state, signal) =>
        byHand(parts(), mail, box, state?.offset ?? 0, signal, (page) => page.letters.length === 0),
    }),
  },
  {
    mistake: "believes a provider that there is more, for ever",
    noticedBy: claimed,
    parts: (_, parts) => ({
      readBox: (mail, box, state, signal) => byHand(parts(), mail, box, state?.offset ?? 0, signal, (page) => !page.more),
    }),
  },
  {
    mistake: "insists on its size of page",
    noticedBy: smaller,
    parts: (_, parts) => ({
      readBox: (mail, box, state, signal) => byHand(parts(), mail, box, state?.offset ?? 0, signal, (page) => !page.more),
    }),
  },
  {
    mistake: "stops before the page of a broken item",
    noticedBy: poisoned,
    parts: (sound) => ({
      async *readBoxes(mail, states, turn, signal) {
        const fetchPage: MailParts["fetchPage"] = (...[of, box, offset, , abort]) =>
          sound.fetchPage(of, box, offset, pageSize, abort);
        const all = fixed({ ...sound, fetchPage });
        yield* all.readBoxes(mail, states, turn, signal);
      },
    }),
  },
  {
    mistake: "drops the page of a broken item, and says nothing",
    noticedBy: poisoned,
    parts: (sound) => ({
      async fetchPage(mail, box, offset, size, signal) {
        try {
          return await sound.fetchPage(mail, box, offset, pageSize, signal);
        } catch (error) {
          if (!isConnectorsError(error, "MAIL_UNAVAILABLE")) throw error;
          return await sound.fetchPage(mail, box, offset + size, pageSize, signal);
        }
      },
    }),
  },
];

/** One box after the other, by hand. */
function fixed(parts: MailParts, onError: (error: unknown) => void = rethrow): MailParts {
  return {
    ...parts,
    async *readBoxes(mail, states, _, signal) {
      const reached: Record<string, BoxState> = { ...states };
      for (const box of boxes) {
        try {
          const from = states[box]?.offset ?? 0;
          for await (const { episodes, state } of byHand(parts, mail, box, from, signal, (page) => !page.more)) {
            reached[box] = state;
            yield { episodes, cursor: formatMail(reached) };
          }
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}

function rethrow(error: unknown): never {
  throw error;
}

const partFaults: readonly MailFault[] = [
  {
    mistake: "ends the run at the first box that fails",
    noticedBy: failingPart,
    parts: (sound) => fixed(sound),
  },
  {
    mistake: "passes over a box that fails, and says nothing",
    noticedBy: failingPart,
    parts: (sound) => fixed(sound, () => undefined),
  },
  {
    mistake: "counts a box that fails as read",
    noticedBy: failingPart,
    parts: (sound) => ({
      async *readBox(mail, box, state, signal) {
        try {
          yield* sound.readBox(mail, box, state, signal);
        } catch (error) {
          yield { episodes: [], state: { offset: 1_000, atMs: 0 } };
          throw error;
        }
      },
    }),
  },
  {
    mistake: "begins each run with the box whose limit ended the last one",
    noticedBy: limitedPart,
    parts: (sound) => ({
      readBoxes: (mail, ...rest) =>
        sound.readBoxes({ ...mail, parts: new PartsInTurn({ ...mail.context, codePrefix: "MAIL", parts: "boxes" }) }, ...rest),
    }),
  },
  {
    mistake: "ends the run at a box that is gone",
    noticedBy: gonePart,
    parts: (sound) => fixed(sound),
  },
  {
    mistake: "passes over a box that is withheld, and says nothing",
    noticedBy: gonePart,
    parts: (sound) => fixed(sound, () => undefined),
  },
];

/** Leaves out what is older than what was stored with the state. */
const onlyNewer = (
  sound: MailParts,
  watermarkOf: (mail: Mail, page: { readonly atMs: number; readonly newestMs: number }) => number,
): MailParts["readBox"] =>
  async function* readBox(mail, box, state, signal) {
    let newestMs = state?.atMs ?? 0;
    for await (const { state: next, episodes, ...page } of sound.readBox(mail, box, state, signal)) {
      const fresh = episodes.filter((episode) => state === undefined || Date.parse(episode.occurred_at) >= state.atMs);
      newestMs = Math.max(newestMs, ...fresh.map((episode) => Date.parse(episode.occurred_at)));
      yield { ...page, episodes: fresh, state: { ...next, atMs: watermarkOf(mail, { atMs: next.atMs, newestMs }) } };
    }
  };

const clockFaults: readonly MailFault[] = [
  {
    mistake: "wants nothing that is older than its last run by its own clock",
    noticedBy: "reads what is new after this machine's clock was in the future for a run",
    parts: (sound) => ({ readBox: onlyNewer(sound, ({ context }) => context.clock.now()) }),
  },
  {
    mistake: "wants nothing that is older than its last run by the provider's clock",
    noticedBy: "reads what is new after the provider's clock was in the future for a run",
    parts: (sound) => ({
      async fetchPage(mail, box, offset, size, signal) {
        const page = await sound.fetchPage(mail, box, offset, size, signal);
        const { headers } = await mail.client.get(`/boxes/${box}?offset=${offset}&limit=1`, { signal });
        return { ...page, atMs: Date.parse(headers.get("date") ?? "2025-01-01") };
      },
      readBox: onlyNewer(sound, (_, { atMs }) => atMs),
    }),
  },
  {
    mistake: "wants nothing that is older than the newest date it saw",
    noticedBy: "reads what is new behind an item that is dated in the future",
    parts: (sound) => ({ readBox: onlyNewer(sound, (_, { newestMs }) => newestMs) }),
  },
];

/** Mistakes that a pull of several lists could make, and for each the case that must notice. */
export const mailFaults: readonly MailFault[] = [...listFaults, ...partFaults, ...clockFaults];

/** A pull of mailboxes, sound but for the fault. */
export function mailSubject(fault?: MailFault): ConnectorSubject {
  const get = (): MailParts => parts;
  const sound = soundMail(get);
  const parts: MailParts = { ...sound, ...fault?.parts(sound, get) };
  return { ...mailSuite, connector: mailConnector(parts) };
}
