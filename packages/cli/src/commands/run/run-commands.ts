import type { Command } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { CommandRegistration } from "../command-registration.ts";
import { toSourceKey } from "../to-source-key.ts";

/** Commands that run the entries of the file, or check them. */
export function addRunCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("run"))
    .description("run schedules and receivers until Ctrl-C")
    .option("--once", "run every pull source once, and end: the exit code says how")
    .option("--json", "with --once: print JSON lines")
    .action(async ({ once, json }: { once?: boolean; json?: boolean }, command: Command) => {
      if (once === true) return done(await (await import("./run-once.ts")).runOnce(contextOf(command), { json }));
      if (json === true) command.error("error: --json belongs to --once");
      done(await (await import("./run.ts")).run(contextOf(command)), "extra");
    });

  withConfig(program.command("validate-config"))
    .description("check the file, its connectors and every entry; all problems in one pass")
    .option("--json", "print the configuration as JSON, secrets as ***")
    .action(async (options: { json?: boolean }, command: Command) =>
      done(await (await import("./validate-config.ts")).validateConfig(contextOf(command), options)),
    );

  withConfig(program.command("doctor"))
    .description("check the whole way: the file, the state, Statewave, every provider and receiver, the clocks, this machine")
    .option("--url <url>", "the public address of the runner: samples are sent to every receiver behind it")
    .option("--json", "print JSON lines")
    .option("--test-push", "also have providers send a test notification, where the connector can")
    .option("--test-notify", "also send a marked test message to each [[notify]]")
    .action(async (options: { json?: boolean; url?: string; testPush?: boolean; testNotify?: boolean }, command: Command) =>
      done(await (await import("./doctor.ts")).doctor(contextOf(command), options)),
    );

  withConfig(program.command("sync"))
    .description("run a pull source once, now")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toSourceKey)
    .option("--dry-run", "read only: deliver nothing, write nothing, show the episodes")
    .option("--json", "print JSON lines")
    .action(async (source: SourceKey, options: { dryRun?: boolean; json?: boolean }, command: Command) =>
      done(await (await import("./sync.ts")).sync(contextOf(command), source, options)),
    );
}
