import { describeReceiver } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { fixture } from "./open-receiver.ts";
import { signSlackRequest } from "./sign.ts";

const event = (name: string, ...kinds: readonly string[]) => {
  const envelope = fixture(name);
  return { name, body: JSON.stringify(envelope), id: String(envelope["event_id"]), kinds };
};

const challenge = {
  type: "url_verification",
  token: "one-long-verification-token",
  challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
};

describeReceiver({
  connector,
  capabilities: { signatureHeader: "x-slack-signature", toleranceSeconds: 300, secrets: 2 },
  options: (secrets) => ({ signing_secret: secrets.length === 1 ? secrets[0] : secrets }),
  sign: ({ body, secret, atMs }) => signSlackRequest(secret, body, Math.floor(atMs / 1000)),
  samples: [
    event("message-channels", "slack.message.posted"),
    event("message-changed", "slack.message.edited"),
    event("message-deleted", "slack.message.deleted"),
    event("bot-message", "slack.message.posted"),
    event("block-only-message", "slack.message.posted"),
    event("thread-parent-deleted", "slack.message.deleted"),
    { name: "a challenge", body: JSON.stringify(challenge), received: "respond" },
    { name: "a rate limit", body: JSON.stringify(fixture("app-rate-limited")), received: "respond" },
  ],
});
