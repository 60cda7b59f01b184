interface TlsStream {
  getPeerCertificate(): { readonly valid_to?: string } | null;
}

/** When the certificate that the other side of a connection has shown expires, epoch milliseconds; undefined without TLS. */
export function certificateExpiresAtMs(stream: unknown): number | undefined {
  if (typeof stream !== "object" || stream === null || !("getPeerCertificate" in stream)) return undefined;
  const atMs = Date.parse((stream as TlsStream).getPeerCertificate()?.valid_to ?? "");
  return Number.isNaN(atMs) ? undefined : atMs;
}
