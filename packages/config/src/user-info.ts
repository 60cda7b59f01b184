/** Scheme, then user info. The second form is that of a password with a slash or the like in it, which is wrong, but still a password. */
const userInfo = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^/?#\s]*|[^/?#\s@]*:[^\s@]*)@/gi;

/** A text with the user info of every URL in it left out. */
export function withoutUserInfo(text: string): string {
  return text.includes("@") ? text.replaceAll(userInfo, "$1") : text;
}
