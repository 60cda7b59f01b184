/** Scheme, then user info. The second form is that of a password with a slash or the like in it, which is wrong, but still a password. */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)([^/?#\s]*|[^/?#\s@]*:[^\s@]*)@/gi;

/** A text with the user info of every URL in it left out. */
export function withoutUserInfo(text: string): string {
  return text.includes("@") ? text.replaceAll(userInfo, "$1") : text;
}

/** Passwords of the URLs in a text, as written and decoded. */
export function passwordsOf(text: string): readonly string[] {
  if (!text.includes("@")) return [];
  return [...text.matchAll(userInfo)].flatMap((match) => {
    const colon = match[2]!.indexOf(":");
    if (colon === -1) return [];
    const password = match[2]!.slice(colon + 1);
    return [password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
