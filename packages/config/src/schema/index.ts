/** The tables of the file that belong to the runner itself, in the file's own words: the reference page is generated from them. */
export { adminTable } from "./admin-table.ts";
export { compileTable } from "./compile-table.ts";
export { pullEntryTable, pushEntryTable } from "./entry-tables.ts";
export { httpTable } from "./http-table.ts";
export { metricsTable } from "./metrics-table.ts";
export { noticesTable, notifyTable } from "./notify-table.ts";
export { privacyRuleTable, privacyTable } from "./privacy-table.ts";
export { retentionTable } from "./retention-table.ts";
export { runnerTable } from "./runner-table.ts";
export { inboxTable, stateTable } from "./state-tables.ts";
export { statewaveTable } from "./statewave-table.ts";
