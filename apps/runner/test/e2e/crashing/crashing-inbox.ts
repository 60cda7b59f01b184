import type { Inbox, OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import { openInbox as openFileInbox } from "@statewave-connectors/inbox-file";
import { crashAt } from "./crash-at.ts";

/** The file inbox, in a process that dies at a chosen point. */
export const openInbox: OpenInbox = async (...request) => {
  const inbox = await openFileInbox(...request);
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
    async buryItem(...letter) {
      crashAt("before-bury");
      await inbox.buryItem(...letter);
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
