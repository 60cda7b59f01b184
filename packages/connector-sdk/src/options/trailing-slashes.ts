/** `url` without the slashes at its end, so that a path can be appended. A regular expression for it would be quadratic. */
export function withoutTrailingSlashes(url: string): string {
  let end = url.length;
  while (url.charAt(end - 1) === "/") end -= 1;
  return url.slice(0, end);
}
