import {
  type ConfigSchema,
  type ConnectorContext,
  defineConnector,
  describeError,
  type Episode,
  idempotencyKey,
  isConnectorsError,
  type Page,
  type Secret,
} from "@statewave-connectors/connector-sdk";
import { bearer } from "@statewave-connectors/connector-sdk/auth";
import { path, ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { headerSecret } from "@statewave-connectors/connector-sdk/options";
import { cursorCodec, offsetPages, type PartPage, PartsInTurn } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { type Letter, pageSize } from "./mail-provider.ts";

/** How far a box was read, and the time of this machine then. */
export interface BoxState {
  readonly offset: number;
  readonly atMs: number;
}

/** What a page of a box says. */
export interface BoxPage {
  readonly letters: readonly Letter[];
  readonly more: boolean;
  readonly atMs: number;
}

/** An entry that is open. */
export interface Mail {
  readonly client: ProviderClient;
  readonly context: ConnectorContext;
  readonly parts: PartsInTurn;
}

/** The parts of a sound pull that stands on the kit, for faults to replace. */
export interface MailParts {
  fetchPage(mail: Mail, box: string, offset: number, size: number, signal: AbortSignal): Promise<BoxPage>;
  readBox(mail: Mail, box: string, state: BoxState | undefined, signal: AbortSignal): AsyncIterable<PartPage<BoxState>>;
  readBoxes(mail: Mail, states: States, turn: string | undefined, signal: AbortSignal): AsyncIterable<Page>;
}

export type States = Readonly<Record<string, BoxState>>;

export const boxes = ["inbox", "sent", "drafts"] as const;

const codec = cursorCodec({
  kind: "mail",
  version: 1,
  schema: v.strictObject({
    v: v.literal(1),
    turn: v.optional(v.string()),
    states: v.record(v.string(), v.strictObject({ offset: v.number(), atMs: v.number() })),
  }),
});

const LetterPage = v.object({
  letters: v.array(v.object({ id: v.string(), at: v.string(), text: v.string() })),
  more: v.boolean(),
});

export function soundMail(parts: () => MailParts): MailParts {
  return {
    async fetchPage({ client }, box, offset, size, signal) {
      const { body, dateMs } = await client.get(path`/boxes/${box}`, {
        query: { offset, limit: size },
        schema: LetterPage,
        about: box,
        signal,
      });
      return { ...body, atMs: dateMs };
    },
    async *readBox(mail, box, state, signal) {
      const pages = offsetPages({
        codePrefix: "MAIL",
        provider: "Mail",
        list: `letters of ${box}`,
        from: state?.offset,
        sizes: [pageSize, 10, 1],
        signal,
        async fetchPage(offset, size) {
          const page = await parts().fetchPage(mail, box, offset, size, signal);
          return { items: page.letters, hasMore: page.more, atMs: page.atMs };
        },
      });
      for await (const { items, failures, next = 0, read } of pages) {
        yield { episodes: items.map((letter) => toEpisode(box, letter)), failures, state: { offset: next, atMs: read.atMs } };
      }
    },
    async *readBoxes(mail, states, turn, signal) {
      const run = {
        parts: boxes.map((box) => ({ id: box, name: box })),
        readPart: ({ id }: { readonly id: string }, state: BoxState | undefined) => parts().readBox(mail, id, state, signal),
        states,
        turn,
        signal,
      };
      for await (const { states: reached, turn: next, isLast: _, ...page } of mail.parts.read(run)) {
        yield { ...page, cursor: formatMail(reached, next) };
      }
    },
  };
}

export function formatMail(states: States, turn?: string): string {
  return codec.format({ v: 1, states, ...(turn === undefined ? {} : { turn }) });
}

export function toEpisode(box: string, { id, at, text }: Letter): Episode {
  return {
    subject: `box:${box}`,
    kind: "mail.letter.arrived",
    text,
    occurred_at: at,
    source: { type: "mail.letter", id },
    idempotency_key: idempotencyKey("mail", box, id),
  };
}

const config = v.strictObject({ token: headerSecret() }) as ConfigSchema<{ token: Secret }>;

/** A pull of mailboxes on the kit. */
export function mailConnector(parts: MailParts) {
  return defineConnector({
    kind: "mail",
    version: "1.0.0",
    pull: {
      config,
      open({ token }, context) {
        const entry = '[[pull.mail]] name = "main"';
        const baseUrl = "https://mail.invalid";
        const client = new ProviderClient({
          provider: "Mail",
          codePrefix: "MAIL",
          entry,
          baseUrl,
          authorize: bearer(token),
          context,
        });
        const mail: Mail = { client, context, parts: new PartsInTurn({ ...context, codePrefix: "MAIL", parts: "boxes" }) };
        return {
          async *pages(cursor, signal) {
            const { states = {}, turn } = codec.parse(cursor, context) ?? {};
            yield* parts.readBoxes(mail, states, turn, signal);
          },
          async check(signal) {
            try {
              await parts.fetchPage(mail, boxes[0], 0, 1, signal);
              return [{ ok: true, message: "the inbox can be read" }];
            } catch (error) {
              return [{ ok: false, message: describeError(error), ...(isConnectorsError(error) ? { error } : {}) }];
            }
          },
        };
      },
    },
  });
}
