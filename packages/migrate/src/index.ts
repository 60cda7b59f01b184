export type { OptionNote } from "./convert-options.ts";
export { type EarlierFile, type EarlierState, readEarlierFile, readEarlierState } from "./earlier-file.ts";
export type { EntryPlan } from "./plan-entries.ts";
export { type Migration, type MigrationFacts, planMigration } from "./plan-migration.ts";
export { planStart, type RereadRange, type StartPoint } from "./plan-start.ts";
export { refuseSamePlace, surveyEarlier } from "./survey-stores.ts";
export { madeText, noteText } from "./write-toml.ts";
