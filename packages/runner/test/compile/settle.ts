import type { FakeClock } from "@statewave-connectors/testing/fake-clock";

/** Lets time pass in steps until `work` is done, and answers as it does. */
export async function settle<Result>(clock: FakeClock, work: Promise<Result>, stepMs = 10): Promise<Result> {
  const state = { isSettled: false };
  const noteSettled = () => void (state.isSettled = true);
  work.then(noteSettled, noteSettled);
  while (!state.isSettled) await clock.advance(stepMs);
  return work;
}
