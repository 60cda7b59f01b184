// Writes docs/reference/config.md from the schemas that check the file: the runner's own, and those of every public packages/connector-*,
// cursor-store-* and inbox-*.
// Run it with the Node 24 of this repository, which reads .ts:
//   node scripts/with-toolchain.mjs node --conditions=@statewave-connectors/source scripts/generate-config-reference.mjs
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as core from "../packages/config/src/schema/index.ts";
import { describeOptions } from "../packages/connector-sdk/src/schema/describe-options.ts";
import { markdownTable } from "./markdown-table.mjs";
import { optionsTable, tableOfOptions } from "./options-table.mjs";
import { publicAdapters } from "./sync-app-adapters.mjs";

/** @typedef {import("../packages/connector-sdk/src/index.ts").Connector} Connector */
/** @typedef {import("../packages/connector-sdk/src/store/index.ts").OpenCursorStore} OpenCursorStore */
/** @typedef {import("../packages/connector-sdk/src/inbox/index.ts").OpenInbox} OpenInbox */

const root = fileURLToPath(new URL("../", import.meta.url));
const file = new URL("../docs/reference/config.md", import.meta.url);

const references = [
  ["`${VAR}`", "the environment variable, or the content of the file that `VAR_FILE` names; it is an error if neither is set"],
  ["`${VAR:-default}`", "the default when both are not set or empty; it is taken as it stands"],
  ["`${file:/run/token}`", "the content of a file up to 1 MiB, without its trailing newline, e.g. a mounted secret"],
  ["`$$`", "`$`"],
];

/** The keys of `[runner]` that are no tables of their own. */
function runnerTable() {
  const tables = new Set(["state", "inbox", "retention", "metrics", "admin", "http", "notices"]);
  return tableOfOptions(describeOptions(core.runnerTable).filter((option) => !tables.has(option.key)));
}

/** The sections `[runner.retention]`, `[runner.metrics]`, `[runner.admin]`, `[runner.http]` and `[runner.notices]`. */
function operatorTables() {
  return `### \`[runner.retention]\`

What is forgotten because of its age: [forget by age](../guides/erase-a-subject.md#forget-by-age).

${optionsTable(core.retentionTable)}

### \`[runner.metrics]\`

${optionsTable(core.metricsTable)}

### \`[runner.admin]\`

A second address, for operators and their tools: [what it serves](http.md#the-admin-address).
Without \`listen\` there is none.

${optionsTable(core.adminTable)}

### \`[runner.http]\`

How requests to sources and to Statewave leave the process: [proxies and authorities](../guides/run-in-production.md#proxies-and-private-certificates).

${optionsTable(core.httpTable)}

### \`[runner.notices]\`

When troubles are reported to the [\`[[notify]]\`](#notify) entries.

${optionsTable(core.noticesTable)}`;
}

/** The sections `[privacy]` and `[[privacy.rule]]`. */
function privacyTables() {
  return `${tableOfOptions(describeOptions(core.privacyTable).filter(({ key }) => key !== "rule"))}

### \`[[privacy.rule]]\`

A rule of your own.
It applies to every entry that lists no rules itself.

${optionsTable(core.privacyRuleTable)}`;
}

/**
 * What the repository's packages of a role export, by kind.
 * @param {"connector" | "cursor-store" | "inbox"} role
 */
async function loadModules(role) {
  const folders = publicAdapters().map(({ name }) => name.slice(name.indexOf("/") + 1));
  const entries = folders
    .filter((folder) => folder.startsWith(`${role}-`) && folder !== "connector-sdk")
    .map((folder) => ({ kind: folder.slice(role.length + 1), path: `${root}packages/${folder}/src/index.ts` }))
    .filter(({ path }) => existsSync(path));
  return Promise.all(entries.map(async ({ kind, path }) => ({ kind, module: await import(pathToFileURL(path).href) })));
}

/**
 * What the stores or inboxes of each kind take.
 * @param {readonly { kind: string, opener: OpenCursorStore | OpenInbox }[]} adapters
 */
function adapterSections(adapters) {
  return adapters.map(({ kind, opener }) => `#### \`kind = "${kind}"\`\n\n${optionsTable(opener.config)}`).join("\n\n");
}

/** @param {Connector} connector */
function connectorSection({ kind, pull, push }) {
  // Descriptions are written for the connector's README.
  const readme = `](../../packages/connector-${kind}/README.md#`;
  /** @param {unknown} schema */
  const table = (schema) =>
    tableOfOptions(
      describeOptions(schema).map((option) => ({ ...option, description: option.description.replaceAll("](#", readme) })),
    );
  const parts = [
    ...(pull === undefined ? [] : [`### \`[[pull.${kind}]]\`\n\n${table(pull.config)}`]),
    ...(push === undefined ? [] : [`### \`[[push.${kind}]]\`\n\n${table(push.config)}`]),
  ];
  return parts.join("\n\n");
}

const connectorNotes = `\`<kind> = "package"\` or \`<kind> = "./path"\`, for connectors that are not called \`@statewave-connectors/connector-<kind>\` or \`statewave-connector-<kind>\`.
A path leads to a folder or a file (\`.js\`, \`.mjs\`, \`.ts\`) and is relative to the configuration file.
Packages are looked for from the folder of the file, the working directory, and the program that was started.

A connector is code.
A path is accepted if the configuration file was named (\`--config\`, \`$STATEWAVE_CONNECTORS_CONFIG\`), or if it belongs to you and neither a group nor others may write to it or its folder; otherwise it is refused with the reason.
Packages are not loaded from the working directory, from the folder of a file that was not named, or from a \`node_modules\` above either, if it belongs to a user other than you or root, or if everyone may write to it.`;

const scheduleNotes = `\`every\` schedules lie on a fixed grid of their own for every source, so a restart neither postpones nor bunches them.
Cron is read in \`[runner] timezone\`: a fixed time that the clocks skip runs when they have jumped, one that happens twice runs once.
Every time of a schedule that names hours is fixed: \`30 2,14 * * *\`, \`0,30 2 * * *\`, \`0 */6 * * *\`.
A schedule for every hour (\`*/30 * * * *\`) follows the clock, also through an hour that happens twice.

A cron expression with both a day of the month and a day of the week is due when either matches, as in Unix cron: \`0 0 */2 * 1\` runs on every second day and on every Monday.
A \`+\` before the day of the week requires both: \`0 0 13 * +FRI\` is due on every Friday the 13th.
For the first Monday of a month, write \`0 0 * * 1#1\`.
Nicknames such as \`@hourly\` and Quartz's \`?\` are refused, with a hint that shows the five fields they mean.

A date has no time, or a time with an offset: \`2024-01-31\` or \`2024-01-31T09:00:00Z\`, with or without quotes.
Days that do not exist, such as February 30, are refused.`;

function privacySection() {
  return `## \`[privacy]\`

What is replaced before it leaves the process: [what leaves the machine](../guides/privacy.md).
Without it nothing is.

${privacyTables()}`;
}

function notifySection() {
  return `## \`[[notify]]\`

Where a message is sent when something goes wrong, and when it is over: [notices](../guides/notices.md).

${optionsTable(core.notifyTable)}`;
}

/** The sections `[[notify]]`, `[connectors]`, `[[pull.<kind>]]` and `[[push.<kind>]]`. */
function entrySections() {
  return `${notifySection()}

## \`[connectors]\`

${connectorNotes}

## \`[[pull.<kind>]]\`

A source that is read on a schedule.
These keys, and those of its connector below:

${optionsTable(core.pullEntryTable)}

${scheduleNotes}

## \`[[push.<kind>]]\`

A source that sends webhooks.
These keys, and those of its connector below:

${optionsTable(core.pushEntryTable)}`;
}

/** The page as it should be. */
export async function configReference() {
  const connectors = (await loadModules("connector")).map(({ module }) => module.connector);
  const stores = (await loadModules("cursor-store")).map(({ kind, module }) => ({ kind, opener: module.openCursorStore }));
  const inboxes = (await loadModules("inbox")).map(({ kind, module }) => ({ kind, opener: module.openInbox }));
  return `<!-- Generated by scripts/generate-config-reference.mjs; edit packages/config/src/schema/ or a package's schema instead. -->

# The configuration file

One TOML file.
It is looked for in this order: \`--config\`, \`$STATEWAVE_CONNECTORS_CONFIG\`, \`./statewave-connectors.toml\`, \`$XDG_CONFIG_HOME/statewave-connectors/config.toml\` (\`~/.config\` when that is not set).
Relative paths in it start at its folder.

Unknown keys are errors, and all errors are reported at once, with their lines.

## Several files

\`include = ["sources/*.toml", "slack.toml"]\`, above the first table, adds the entries of other files.

- A pattern may hold \`*\` in the name of the file.
  Its files are read in the order of their names; hidden files and files that were read before are left out.
- An included file holds only \`[[pull.<kind>]]\` and \`[[push.<kind>]]\` entries, and includes no others.
- Relative paths, in the list and in the options of all entries, start at the folder of the configuration file.
- If the configuration file was not named (\`--config\`, \`$STATEWAVE_CONNECTORS_CONFIG\`), the rule for [code by its path](#connectors) holds for included files: they and their folders must belong to you, and neither a group nor others may write to them.

## References

In any string, but not in keys:

${markdownTable(["Write", "Get"], references)}

A value from a reference is read as a number or boolean where one is wanted (\`port = "\${PORT:-3000}"\`), and is shown as \`***\` wherever the configuration is printed, also in error messages.
So are options marked [_secret_](../guides/secrets.md).
If a reference is empty or blank, the option counts as absent.

Durations are \`"500ms"\`, \`"25s"\`, \`"5m"\`, \`"24h"\` or \`"7d"\`; sizes \`"64KiB"\`, \`"1MiB"\`, \`"25MB"\` or a number of bytes.

## \`[statewave]\`

${tableOfOptions(describeOptions(core.statewaveTable).filter(({ key }) => key !== "compile"))}

### \`[statewave.compile]\`

When the server makes memories of delivered episodes: [from an event to a memory](../guides/from-event-to-memory.md#compile).

${optionsTable(core.compileTable)}

## \`[runner]\`

${runnerTable()}

### \`[runner.state]\`

Cursors and leases.
These keys, and those of the kind's package below.

${optionsTable(core.stateTable)}

${adapterSections(stores)}

### \`[runner.inbox]\`

Where webhooks lie before they are delivered.
These keys, and those of the kind's package below.
An inbox without a \`kind\` has the state's kind and, where it does not say otherwise, those of the state's options that it knows, but for \`path\`.

${optionsTable(core.inboxTable)}

${adapterSections(inboxes)}

${operatorTables()}

${privacySection()}

${entrySections()}

## Connectors

${connectors.map(connectorSection).join("\n\n")}
`;
}

if (import.meta.main) writeFileSync(file, await configReference());
