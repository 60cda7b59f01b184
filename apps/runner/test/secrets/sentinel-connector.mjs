// A connector that does with its secret all that a connector must not do.
import { Secret } from "@statewave-connectors/connector-sdk";
import { clientCredentials } from "@statewave-connectors/connector-sdk/auth";
import * as v from "valibot";

/** @returns {v.MetadataAction<string, { secret: true }>} */
const secret = () => v.metadata({ secret: true });

/** @type {import("@statewave-connectors/connector-sdk").Connector<{ token: string; provider?: string | undefined; leak?: boolean | undefined }, { token: string }>} */
export const connector = {
  kind: "sentinel",
  version: "1.0.0",
  pull: {
    config: v.object({
      token: v.pipe(v.string(), secret()),
      provider: v.optional(v.string()),
      leak: v.optional(v.boolean()),
    }),
    open: ({ token, provider, leak }, { logger, clock, fetch }) => ({
      async *pages() {
        logger.error(`reading with ${token}`, {
          token,
          [token]: Buffer.from(`me:${token}`).toString("base64"),
          error: new Error(token),
        });
        yield { episodes: [], skipped: { [token]: 1 } };
        throw new Error(`cannot read with ${encodeURIComponent(token)}`);
      },
      async check(signal) {
        if (leak === true) process.stdout.write(`leaked: ${token}\n`);
        const taken = { ok: false, message: `the provider does not take ${token}` };
        if (provider === undefined) return [taken];
        const client = { tokenUrl: `${provider}/token`, clientId: "sentinel", clientSecret: new Secret(token) };
        const names = { provider: "Sentinel", codePrefix: "SENTINEL", entry: "[[pull.sentinel]]" };
        const minted = (await clientCredentials({ ...client, ...names }, { clock, fetch }).token(signal)).reveal();
        const answer = await fetch(`${provider}/me`, { signal, headers: { authorization: `Bearer ${minted}` } });
        logger.error("the provider quotes", { quoted: await answer.text() });
        return [taken, { ok: false, message: `the provider took ${minted} away` }];
      },
    }),
  },
  push: {
    config: v.object({ token: v.pipe(v.string(), secret()) }),
    open: ({ token }, { reportHealth }) => ({
      receive() {
        reportHealth({ ok: false, code: "SENTINEL_LOST", message: `${token} was revoked`, hint: `replace ${token}` });
        return { type: "event", id: "1", headers: { "x-token": `Bearer ${token}` } };
      },
      // eslint-disable-next-line require-yield -- it never gets that far
      async *pages() {
        throw new Error(`cannot map with ${JSON.stringify({ token })}`);
      },
    }),
  },
};
