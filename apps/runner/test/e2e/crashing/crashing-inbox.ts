import type { Inbox, OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import { openInbox as openFileInbox } from "@statewave-connectors/inbox-file";
import { openInbox as openPostgresInbox } from "@statewave-connectors/inbox-postgres";
import { openInbox as openRedisInbox } from "@statewave-connectors/inbox-redis";
import { crashAt } from "./crash-at.ts";

const openers = { file: openFileInbox, postgres: openPostgresInbox, redis: openRedisInbox };

/** An inbox in a process that dies at a chosen point: that of the kind `of`, by default the file one, with its own options. */
export const openInbox: OpenInbox = async ({ of = "file", ...own }, ...request) => {
  const inbox = await openers[of as keyof typeof openers](own, ...request);
  const crashing: Inbox = {
    durability: inbox.durability,
    async accept(item) {
      crashAt("before-accept");
      const outcome = await inbox.accept(item);
      crashAt("after-accept");
      return outcome;
    },
    consume: (handler, options) =>
      inbox.consume(async (claimed) => {
        crashAt("claimed");
        const settlement = await handler(claimed);
        crashAt("before-settle");
        return settlement;
      }, options),
    async buryEpisode(...letter) {
      crashAt("before-bury");
      await inbox.buryEpisode(...letter);
      crashAt("after-bury");
    },
    async buryFailedItem(...letter) {
      crashAt("before-bury");
      await inbox.buryFailedItem(...letter);
      crashAt("after-bury");
    },
    listDeadLetters: (query) => inbox.listDeadLetters(query),
    getDeadLetter: (key) => inbox.getDeadLetter(key),
    retryDeadLetters: (keys) => inbox.retryDeadLetters(keys),
    discardDeadLetters: (keys) => inbox.discardDeadLetters(keys),
    stats: () => inbox.stats(),
    close: () => inbox.close(),
  };
  return crashing;
};
