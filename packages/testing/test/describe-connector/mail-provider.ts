import type { ConnectorSubject } from "../../src/index.ts";
import { FakeClock } from "../../src/fake-clock.ts";

export interface Letter {
  readonly id: string;
  readonly at: string;
  readonly text: string;
}

export const pageSize = 20;

/** A provider of letters, as far away as `fetch`. */
interface MailProvider {
  readonly fetch: typeof globalThis.fetch;
  readonly letters: ReadonlyMap<string, Letter[]>;
}

function mailProvider(boxes: readonly string[]): MailProvider {
  const letters = new Map(boxes.map((box) => [box, Array.from({ length: 50 }, (_, n) => letterOf(box, n))]));
  const fetch: typeof globalThis.fetch = (input) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    const offset = Number(searchParams.get("offset"));
    const end = offset + Number(searchParams.get("limit"));
    const box = letters.get(pathname.slice("/boxes/".length)) ?? [];
    return Promise.resolve(Response.json({ letters: box.slice(offset, end), more: box.length > end }));
  };
  return { fetch, letters };
}

function letterOf(box: string, n: number): Letter {
  return { id: `${box} ${n}`, at: new Date(Date.UTC(2025, 0, 1, n)).toISOString(), text: `Letter ${n} in ${box}` };
}

/** What the suite needs of this provider: all that a connector's author writes for the cases of lists, parts and clocks. */
export const mailSuite = {
  provider: {
    maxRequestsPerPage: 3,
    rateLimited: () => new Response("{}", { status: 429, headers: { "retry-after": "30" } }),
    unauthorized: () => new Response("{}", { status: 401 }),
    lists: { items: "letters", more: "more", size: "limit" },
    part: ({ url }) => url.pathname.split("/")[2],
  },
  open() {
    const provider = mailProvider(["inbox", "sent", "drafts"]);
    return {
      options: { token: "t0k3n" },
      clock: new FakeClock(),
      fetch: provider.fetch,
      maxEpisodesPerPage: pageSize,
      addOne: (at) => void provider.letters.get("sent")?.push({ id: `new ${at.getTime()}`, at: at.toISOString(), text: "New" }),
    };
  },
} satisfies Omit<ConnectorSubject, "connector">;
