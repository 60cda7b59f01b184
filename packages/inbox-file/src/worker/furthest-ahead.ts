/**
 * The runner plans no retry further ahead than a day: one beyond this was written while the clock was ahead, and is due. An id that was
 * accepted further ahead is forgotten.
 */
export const furthestAheadMs = 30 * 24 * 60 * 60_000;
