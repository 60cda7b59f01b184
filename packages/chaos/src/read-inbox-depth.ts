/** The series, with or without labels. */
const names = ["statewave_runner_inbox_depth ", "statewave_runner_inbox_depth{"];
const answerWithinMs = 5_000;

/** How many events wait in the inbox that a running process shares; undefined when it does not answer. */
export async function readInboxDepth(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(answerWithinMs) });
    const lines = (await response.text()).split("\n").filter((line) => names.some((name) => line.startsWith(name)));
    const depths = lines.map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
    return depths.length === 0 ? undefined : depths.reduce((sum, depth) => sum + depth, 0);
  } catch {
    return undefined;
  }
}
