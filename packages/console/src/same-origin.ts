/**
 * Whether a form comes from a page of this server. Browsers say so themselves where they can (`Sec-Fetch-Site`), and otherwise name the
 * origin; a request without either is not from a page of ours.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = request.headers.get("origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host;
}

/** Whether the browser reached this server by TLS, as a proxy in front of it offers. */
export function isOverTls(request: Request): boolean {
  return request.headers.get("origin")?.startsWith("https://") === true;
}
