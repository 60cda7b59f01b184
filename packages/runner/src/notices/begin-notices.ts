import type { Engine } from "../composition/engine.ts";
import { LastSign } from "./last-sign.ts";
import type { NoticesStart } from "./send-notices.ts";

/** Sends notices from now on, unless another process does; the returned function ends it. Undefined: none are configured, and nothing is loaded for them. */
export async function beginNotices(
  engine: Engine,
  start: Omit<NoticesStart, "notices">,
): Promise<(() => Promise<void>) | undefined> {
  const { config, store } = engine;
  if (config.notices !== undefined) {
    const { sendNotices } = await import("./send-notices.ts");
    return sendNotices(engine, { ...start, notices: config.notices });
  }
  if (store.records !== undefined) void new LastSign(store.records).forget().catch(() => undefined);
  return undefined;
}
