/**
 * Answers `healthcheck` before the rest of the program is loaded, for containers that call it every few seconds: its exit code, or undefined for another
 * command, for wrong options and for `--help`, which the whole command line handles.
 */
export async function runHealthcheck(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> {
  if (args[0] !== "healthcheck") return undefined;
  const { checkHealth, readHealthcheckArgs } = await import("./commands/receivers/healthcheck.ts");
  const options = readHealthcheckArgs(args.slice(1), env);
  if (options === undefined) return undefined;
  const fault = await checkHealth(options);
  if (fault !== undefined) process.stderr.write(`error: ${fault}\n`);
  return fault === undefined ? 0 : 1;
}
