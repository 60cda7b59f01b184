import { secretUrl } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";

/*
 * Options that the Postgres cursor store and inbox have in common, for their schemas.
 */

const longestNameBytes = 63;

/** Where the server is. The whole of it is secret: it usually holds a password. */
export const postgresUrl = v.pipe(
  secretUrl({
    protocols: ["postgres:", "postgresql:"],
    message: "expected postgres://user:password@host:5432/database, where special characters of the password are escaped with %",
    unsupported: {
      isFound: namesSeveralHosts,
      message:
        "the URL names several hosts, and `pg` connects to one: name one address that leads to the primary, such as that of a proxy or of a service",
    },
    path: {
      isExpected: isDecodable,
      message: "the name of the database in the URL holds a % that escapes nothing: write it as %25",
    },
  }),
  v.description("The server: `postgres://user:password@host:5432/database`; `pg` documents the parameters it may carry."),
);

/** As libpq takes them: `h1,h2` behind the user, or in `host`. */
function namesSeveralHosts(url: string): boolean {
  const authority = /^\w+:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  const parameters = Array.from(url.matchAll(/[?&]host=([^&#]*)/gi), ([, hosts = ""]) => hosts);
  return authority.slice(authority.lastIndexOf("@") + 1).includes(",") || parameters.some((hosts) => /,|%2C/i.test(hosts));
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** The name of a table or schema. Postgres cuts longer ones silently, so that two could become one. */
export function postgresName(maxBytes = longestNameBytes) {
  return v.pipe(
    v.string("expected some text"),
    v.check(
      (name) => /^[A-Za-z_][A-Za-z0-9_$-]*$/.test(name) && name.length <= maxBytes,
      `expected a name of letters, digits, _, - and $, a letter or _ first, at most ${maxBytes} of them`,
    ),
  );
}

export const postgresRequireDurable = v.pipe(
  v.optional(v.boolean("expected true or false"), false),
  v.description("Refuse a server with `fsync`, `full_page_writes` or `synchronous_commit` off, instead of a warning."),
);
