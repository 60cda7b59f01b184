import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RedisArea } from "./redis-error.ts";

/** Throws `…_OPTION_INVALID` for what should not begin a key, or would spread the keys of one script over a cluster. */
export function checkKeyPrefix(area: RedisArea, keyPrefix: string, isCluster: boolean): void {
  if (!/^[\w:.{}/@-]{1,128}$/.test(keyPrefix)) {
    throw new ConnectorsError({
      code: `${area}_OPTION_INVALID`,
      message: `key_prefix cannot be ${JSON.stringify(keyPrefix)}.`,
      hint: 'Up to 128 letters, digits and : . _ - / @ { }, for example "statewave_runner:".',
    });
  }
  // https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
  if (isCluster && !/^[^{]*\{[^}]+\}/.test(keyPrefix)) {
    throw new ConnectorsError({
      code: `${area}_OPTION_INVALID`,
      message: `The key_prefix ${JSON.stringify(keyPrefix)} has no hash tag, so a cluster would spread the keys.`,
      hint: 'Put a part of it in braces, for example "{statewave_runner}:".',
    });
  }
}
