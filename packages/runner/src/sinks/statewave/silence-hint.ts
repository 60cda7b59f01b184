const networkHints: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "start Statewave, or check host and port in [statewave] url: nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN/, "check the host in [statewave] url and this machine's name server"],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "check the period of the server's certificate, and this machine's clock"],
  [/ALTNAME/, "write a name into [statewave] url that stands in the certificate of the server"],
  [/CERT|SIGNATURE|ISSUER/, "name the file with the certificate of the server's authority in [runner.http] ca_file"],
  [
    /no answer|TIMEOUT|TIMEDOUT|UNREACH/i,
    "check that the server runs and that no firewall drops the connection; set [runner.http] proxy if this network requires a proxy",
  ],
  [
    /ECONNRESET|SOCKET|HPE_|HTTPParser|EPROTO|TLS|SSL/,
    "check that [statewave] url begins with the right one of http:// and https://, and names Statewave's port",
  ],
];

/** What to look at when a request got no answer, by the reason of `StatewaveServer`. */
export function silenceHint(reason: string): string {
  return networkHints.find(([pattern]) => pattern.test(reason))?.[1] ?? "check [statewave] url";
}
