const series = /^statewave_runner_inbox_depth(?:\{[^}]*\})? (\d+)$/gm;
const answerWithinMs = 5_000;

/** How many events wait in the inbox that a running process shares; undefined when it does not answer. */
export async function readInboxDepth(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(answerWithinMs) });
    const depths = [...(await response.text()).matchAll(series)].map(([, depth]) => Number(depth));
    return depths.length === 0 ? undefined : depths.reduce((sum, depth) => sum + depth, 0);
  } catch {
    return undefined;
  }
}
