/**
 * Keeps a fake as the work of this process: prints what a client needs to know, and the process id, as one line of JSON, and ends at SIGTERM,
 * SIGINT or, with `untilStdinEnds`, when the parent is gone.
 */
export function runAsProcess(
  fake: { close(): Promise<void> },
  known: Readonly<Record<string, unknown>>,
  untilStdinEnds = false,
): void {
  process.stdout.write(`${JSON.stringify({ ...known, pid: process.pid })}\n`);
  const stop = () => void fake.close().then(() => process.exit(0));
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (untilStdinEnds) process.stdin.resume().once("end", stop);
}
