import { connector as slack } from "@statewave-connectors/connector-slack";
import { crashAt } from "./crash-at.ts";

const { push } = slack;
if (push === undefined) throw new TypeError("the Slack connector has no receiver to wrap");

/** The Slack connector, in a process that dies in the middle of a mapping. */
export const connector: typeof slack = {
  ...slack,
  push: {
    ...push,
    open(config, context) {
      const receiver = push.open(config, context);
      return {
        ...receiver,
        async *pages(event, signal) {
          for await (const page of receiver.pages(event, signal)) {
            crashAt("mapping");
            yield page;
          }
        },
      };
    },
  },
};
