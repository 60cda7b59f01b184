import type { Fault } from "./tiny-connector.ts";

const cursors = "refuses a cursor that it did not write, for good and before it requests anything";

/** How a pull ends, reads cursors of others, and checks itself wrongly. */
export const endingFaults: readonly Fault[] = [
  {
    mistake: "does not look at the signal",
    noticedBy: "yields nothing more once it is aborted between two pages",
    parts: (sound) => ({ pages: (entry, after) => sound.pages(entry, after, new AbortController().signal) }),
  },
  {
    mistake: "keeps the signal from its requests",
    noticedBy: "ends at once when it is aborted while the provider is silent",
    parts: (sound) => ({ ask: (entry, after) => sound.ask(entry, after, new AbortController().signal) }),
  },
  {
    mistake: "reads everything again for a cursor it does not know",
    noticedBy: cursors,
    parts: (sound) => ({
      parseCursor(cursor) {
        try {
          return sound.parseCursor(cursor);
        } catch {
          return 0;
        }
      },
    }),
  },
  {
    mistake: "throws something of its own for a cursor it does not know",
    noticedBy: cursors,
    parts: () => ({ parseCursor: (cursor) => (cursor === undefined ? 0 : (JSON.parse(cursor.slice(5)) as number)) }),
  },
  {
    mistake: "takes an empty cursor for none",
    noticedBy: cursors,
    parts: (sound) => ({ parseCursor: (cursor) => sound.parseCursor(cursor === "" ? undefined : cursor) }),
  },
  {
    mistake: "looks at its signal before it reads its cursor",
    noticedBy: cursors,
    parts: () => ({
      wrap: (sound) => ({
        ...sound,
        async *pages(cursor, signal) {
          signal.throwIfAborted();
          yield* sound.pages(cursor, signal);
        },
      }),
    }),
  },
  {
    mistake: "checks nothing",
    noticedBy: "finds nothing wrong with a sound source when it is checked",
    parts: () => ({ check: () => Promise.resolve([]) }),
  },
  {
    mistake: "approves of whatever it checks",
    noticedBy: "finds refused credentials when it is checked, with the error of a run, and does not quote them",
    parts: () => ({ check: () => Promise.resolve([{ ok: true, message: "fine" }]) }),
  },
  {
    mistake: "quotes the token it checked",
    noticedBy: "finds refused credentials when it is checked, with the error of a run, and does not quote them",
    parts: (sound) => ({
      check: async (entry, signal) =>
        (await sound.check(entry, signal)).map((result) => ({ ...result, message: `${entry.token}: ${result.message}` })),
    }),
  },
  {
    mistake: "keeps the error of its check to itself",
    noticedBy: "finds refused credentials when it is checked, with the error of a run, and does not quote them",
    parts: (sound) => ({
      check: async (entry, signal) => (await sound.check(entry, signal)).map(({ ok, message }) => ({ ok, message })),
    }),
  },
  {
    mistake: "approves every entry when it is checked",
    noticedBy: "finds an entry that cannot work when it is checked",
    onMachine: true,
    parts: () => ({ check: () => Promise.resolve([{ ok: true, message: "fine" }]) }),
  },
];
