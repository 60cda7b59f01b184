import { secretUrl } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/*
 * Options that the Redis cursor store and inbox have in common, for their schemas.
 */

/** Where the server is. The whole of it is secret: it usually holds a password. */
export const redisUrl = v.pipe(
  secretUrl({
    protocols: ["redis:", "rediss:"],
    message:
      "expected redis://user:password@host:6379/0, or rediss:// for TLS, where special characters of the password are escaped with %",
    path: {
      isExpected: (path) => /^\/?\d{0,9}$/.test(path),
      message: "expected the number of a database, such as /0, or nothing behind the host of the URL",
    },
  }),
  v.description("The server: `redis://user:password@host:6379/0`, or `rediss://` for TLS."),
);

const keyPrefix = v.pipe(
  v.string("expected some text"),
  v.regex(/^[\w:.{}/@-]{1,128}$/, "expected up to 128 letters, digits and : . _ - / @ { }"),
);

/** What all keys begin with. */
export const redisKeyPrefix = v.pipe(
  v.optional(keyPrefix, "statewave_runner:"),
  v.description("What all keys begin with. On a cluster it needs a hash tag, such as `{statewave_runner}:`."),
);

/**
 * The same on a cluster, which would spread the keys of one script without a hash tag.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export const redisClusterKeyPrefix = v.optional(
  v.pipe(keyPrefix, v.regex(/^[^{]*\{[^}]+\}/, 'expected a hash tag for the cluster, such as "{statewave_runner}:"')),
  "statewave_runner:",
);

export const redisRequireDurable = v.pipe(
  v.optional(v.boolean("expected true or false"), false),
  v.description("Refuse a server whose append-only file is off or unknown, or that may evict keys, instead of a warning."),
);
