import { findUserInfo } from "@statewave-connectors/connector-sdk/options";

/** A text with the user info of every URL in it left out. */
export function withoutUserInfo(text: string): string {
  let shown = "";
  let from = 0;
  for (const { start, end } of findUserInfo(text)) {
    shown += text.slice(from, start);
    from = end + 1;
  }
  return shown + text.slice(from);
}
