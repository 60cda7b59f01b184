import { recordLimits } from "@statewave-connectors/connector-sdk/store";
import type { KnownFault } from "./fault.ts";
import { recordsWith, writing } from "./record-faults.ts";

/** Mistakes with lists, names and limits. */
export const recordBoundFaults: readonly KnownFault[] = [
  {
    mistake: "lists keys in the order of UTF-16 units",
    noticedBy: "lists the records of a scope by key, in the order of code points",
    store: recordsWith((sound) => ({
      list: async (scope, query) => (await sound.list(scope, query)).toSorted((left, right) => (left.key < right.key ? -1 : 1)),
    })),
  },
  {
    mistake: "takes a prefix for a pattern",
    noticedBy: "takes a prefix to the letter: no pattern, no folding, to the last code point",
    store: recordsWith((sound) => ({
      list: (scope, query) => sound.list(scope, { ...query, prefix: query?.prefix?.replace(/%$/, "") }),
    })),
  },
  {
    mistake: "folds the case of a prefix",
    noticedBy: "takes a prefix to the letter: no pattern, no folding, to the last code point",
    store: recordsWith((sound) => ({
      list: (scope, query) => sound.list(scope, { ...query, prefix: query?.prefix?.toLowerCase() }),
    })),
  },
  {
    mistake: "begins a page with the key that it comes after",
    noticedBy: "lists in pages of any size, without gaps or repeats, also after a key that is gone",
    store: recordsWith((sound) => ({
      list: async (scope, query) => {
        const last = query?.after === undefined ? undefined : await sound.get(scope, query.after);
        return [...(last === undefined ? [] : [last]), ...(await sound.list(scope, query))].slice(0, query?.limit);
      },
    })),
  },
  {
    mistake: "lists a scope whose records are deleted",
    noticedBy: "lists the scopes in use, in order and in pages, and forgets one whose records are deleted",
    store: recordsWith((sound) => {
      const seen = new Set<string>();
      return {
        compareAndSet: (write) => {
          seen.add(write.scope);
          return sound.compareAndSet(write);
        },
        scopes: async (query) => (query === undefined ? [...seen].toSorted() : sound.scopes(query)),
      };
    }),
  },
  {
    mistake: "glues scope and key with a slash",
    noticedBy: "keeps records apart whose scopes and keys nearly meet",
    store: recordsWith((sound) => {
      const glued = (scope: string, key: string) => ({ scope: "all", key: `${scope}/${key}` });
      return {
        get: (scope, key) => sound.get("all", glued(scope, key).key),
        compareAndSet: (write) => sound.compareAndSet({ ...write, ...glued(write.scope, write.key) }),
      };
    }),
  },
  {
    mistake: "cuts a page to 100 records",
    noticedBy: "returns a page of as many records as a page may have",
    store: recordsWith((sound) => ({ list: async (scope, query) => (await sound.list(scope, query)).slice(0, 100) })),
  },
  {
    mistake: "composes the characters of a key",
    noticedBy: "keeps keys and values of records to the last character: any script, control characters, the longest ones",
    store: writing((write) => ({ ...write, key: write.key.normalize() })),
  },
  {
    mistake: "cuts a key that is too long",
    noticedBy: "refuses scopes, keys, values, versions and ttls of records that not every store can keep, and changes nothing",
    store: writing((write) => ({ ...write, key: write.key.slice(0, recordLimits.keyBytes) })),
  },
  {
    mistake: "drops a NUL from a value",
    noticedBy: "refuses scopes, keys, values, versions and ttls of records that not every store can keep, and changes nothing",
    store: writing((write) => ({ ...write, value: write.value?.replaceAll("\0", "") })),
  },
  {
    mistake: "cuts a page that is too large",
    noticedBy: "refuses a page of records that is too large or names what no key can be",
    store: recordsWith((sound) => ({
      list: (scope, query) => sound.list(scope, { ...query, limit: Math.min(query?.limit ?? 1_000, recordLimits.perList) }),
    })),
  },
  {
    mistake: "cuts a value that is too large",
    noticedBy: "refuses a value of one byte more than a record may have, counted as UTF-8",
    store: writing((write) => ({ ...write, value: write.value?.slice(0, recordLimits.valueBytes / 4) })),
  },
  {
    mistake: "takes any number of records",
    noticedBy: "holds a full scope of records, refuses one more, and takes it when one was deleted",
    store: recordsWith((_, { records }) => {
      records.sizeOf = () => 0;
      return {};
    }),
  },
];
