import { setImmediate as nextTurn } from "node:timers/promises";

/** So long does work for a scrape hold the event loop, and for so many items at most, however fast the machine is. */
const mostHeldMs = 5;
const mostItems = 1_000;
/** Reading the time costs more than an item. */
const itemsBetweenLooks = 50;

/** Calls `show` for each item, and lets the event loop turn after some of them: there may be 10,000 sources. */
export async function inTurns<Item>(items: Iterable<Item>, show: (item: Item) => void): Promise<void> {
  let shown = 0;
  let heldSinceMs = performance.now();
  for (const item of items) {
    show(item);
    shown += 1;
    const isLong = shown % itemsBetweenLooks === 0 && performance.now() - heldSinceMs >= mostHeldMs;
    if (!isLong && shown % mostItems !== 0) continue;
    await nextTurn();
    heldSinceMs = performance.now();
  }
  await nextTurn();
}
