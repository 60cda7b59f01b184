import { optionalSecret } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { isLoopbackHost, parseListenAddress } from "./listen-address.ts";
import { about } from "./pieces.ts";

const adminListenMessage = 'expected an address such as "127.0.0.1:9464", "[::1]:9464" or "admin.internal:9464"';

/** `[runner.admin]`. */
export const adminTable = v.pipe(
  v.object({
    listen: v.pipe(
      v.optional(
        v.pipe(
          v.string(),
          v.check((address) => address === "" || parseListenAddress(address) !== undefined, adminListenMessage),
        ),
      ),
      about('The address for operators, `"127.0.0.1:9464"` for example; a port alone means loopback. Default: none.'),
    ),
    token: v.pipe(
      optionalSecret(),
      v.check(
        (token) => token === undefined || /^[\u0021-\u007e]*$/.test(token.reveal()),
        "expected visible ASCII characters without spaces",
      ),
      about("Sent by clients as `Authorization: Bearer <token>`. Required unless `listen` is a loopback address."),
    ),
    allowed_hosts: v.pipe(
      v.optional(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]+$/, "expected a host name without a port"))), []),
      about("Further names by which requests may address it, such as that of a Kubernetes service.", "list of names"),
    ),
    console: v.pipe(
      v.optional(v.boolean(), false),
      about(
        "Serve the [page for operators](../guides/console.md) at `/console/`. Its package is `@statewave-connectors/console`.",
      ),
    ),
    allow_actions: v.pipe(
      v.optional(v.boolean(), false),
      about(
        "Let the page show what was received, pause and resume entries, retry and discard dead letters, and cancel backfills.",
      ),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["listen"], ["token"]],
      ({ listen = "", token }) => {
        const address = parseListenAddress(listen);
        return address === undefined || isLoopbackHost(address.host) || token !== undefined;
      },
      "required because `listen` is not a loopback address: everyone who reaches it would see the details",
    ),
    ["token"],
  ),
  v.forward(
    v.partialCheck(
      [["listen"], ["console"]],
      ({ listen, console: isWanted }) => listen !== undefined || !isWanted,
      "required because of `console = true`: the page is on this address",
    ),
    ["listen"],
  ),
  v.forward(
    v.partialCheck(
      [["console"], ["allow_actions"]],
      ({ console: isWanted, allow_actions: allowsActions }) => isWanted || !allowsActions,
      "has no effect without `console = true`: it lets the page act",
    ),
    ["allow_actions"],
  ),
);
