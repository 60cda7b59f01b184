// A connector that does with its secret all that a connector must not do.
import * as v from "valibot";

/** @returns {v.MetadataAction<string, { secret: true }>} */
const secret = () => v.metadata({ secret: true });

/** @type {import("@statewave-connectors/connector-sdk").Connector<{ token: string; leak?: boolean | undefined }, { token: string }>} */
export const connector = {
  kind: "sentinel",
  version: "1.0.0",
  pull: {
    config: v.object({ token: v.pipe(v.string(), secret()), leak: v.optional(v.boolean()) }),
    open: ({ token, leak }, { logger }) => ({
      async *pages() {
        logger.error(`reading with ${token}`, {
          token,
          [token]: Buffer.from(`me:${token}`).toString("base64"),
          error: new Error(token),
        });
        yield { episodes: [], skipped: { [token]: 1 } };
        throw new Error(`cannot read with ${encodeURIComponent(token)}`);
      },
      async check() {
        if (leak === true) process.stdout.write(`leaked: ${token}\n`);
        return [{ ok: false, message: `the provider does not take ${token}` }];
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
