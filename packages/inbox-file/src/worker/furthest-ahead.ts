/** An id that was accepted further ahead is forgotten: the clock was ahead. */
export const furthestAheadMs = 30 * 24 * 60 * 60_000;

/** `furthestRetryMs` of the inbox contract, which the worker need not load: an item that waits longer is ready. */
export const furthestRetryMs = 2 * 24 * 60 * 60_000;
