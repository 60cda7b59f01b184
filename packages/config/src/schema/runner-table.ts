import { duration, size } from "@statewave-connectors/connector-sdk/options";
import * as v from "valibot";
import { isTimezone } from "../schedule/schedule.ts";
import { adminTable } from "./admin-table.ts";
import { httpTable } from "./http-table.ts";
import { isListenHost } from "./listen-address.ts";
import { metricsTable } from "./metrics-table.ts";
import { noticesTable } from "./notify-table.ts";
import { about, hasNoControl, text, wholeNumber } from "./pieces.ts";
import { retentionTable } from "./retention-table.ts";
import { inboxTable, stateTable } from "./state-tables.ts";

/** `[runner]`, with the tables below it. */
export const runnerTable = v.object({
  host: v.pipe(
    v.optional(
      v.pipe(
        text(),
        v.check(isListenHost, 'expected an address or a host name without a port, such as "127.0.0.1", "::1" or "0.0.0.0"'),
      ),
      "0.0.0.0",
    ),
    about("The address to listen on."),
  ),
  port: v.pipe(v.optional(wholeNumber(0, 65_535), 3000), about("The port to listen on; 0 takes a free one.", "integer")),
  state_dir: v.pipe(v.optional(text(), "./var/connectors-state"), about("The folder for files that must outlive a restart.")),
  log_format: v.pipe(v.optional(v.picklist(["json", "text"]), "json"), about("How log lines are written.")),
  log_level: v.pipe(
    v.optional(v.picklist(["debug", "info", "warn", "error"]), "info"),
    about("The least severe level that is logged; `--log-level` overrides it."),
  ),
  timezone: v.pipe(
    v.optional(v.pipe(v.string(), v.check(isTimezone, 'expected a time zone such as "UTC" or "Europe/Berlin"')), "UTC"),
    about("The time zone of cron schedules."),
  ),
  drain_timeout: v.pipe(
    v.optional(duration({ leastMs: 0 }), "25s"),
    about("The longest time that a graceful stop may take.", "duration"),
  ),
  sync_timeout: v.pipe(v.optional(duration(), "5m"), about("A run that yields nothing new for so long is ended.", "duration")),
  max_concurrent_syncs: v.pipe(v.optional(wholeNumber(1, 1000), 8), about("Runs at the same time in this process.", "integer")),
  max_body: v.pipe(
    v.optional(size(), "1MiB"),
    about("The largest body of a webhook, unless its connector sets another limit.", "size"),
  ),
  base_path: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check(
          (path) => /^(\/[^/?#\\]+)*\/?$/.test(path) && hasNoControl(path) && !/\/\.{1,2}(\/|$)/.test(path),
          'expected a path such as "/connectors", without a host, "?", "#", empty parts, "." and ".."',
        ),
      ),
      "",
    ),
    about('The prefix that a proxy leaves in the paths, such as `"/connectors"`. Requests without it are answered, too.'),
  ),
  hide_mounts: v.pipe(
    v.optional(v.boolean()),
    about(
      "Do not list the receivers in 404 answers. Default: `false` on a loopback `host` without `[runner.admin]`, else `true`.",
    ),
  ),
  state: v.optional(stateTable, {}),
  inbox: v.optional(inboxTable, {}),
  retention: v.optional(retentionTable, {}),
  metrics: v.optional(metricsTable, {}),
  admin: v.optional(adminTable, {}),
  http: v.optional(httpTable, {}),
  notices: v.optional(noticesTable, {}),
});
