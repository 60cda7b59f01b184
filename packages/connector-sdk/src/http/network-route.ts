/** The way of a request, as errors name it: hosts with their ports, without credentials, path and query. */
export interface NetworkRoute {
  readonly host: string;
  /** The proxy that the request goes through, and the setting that names it, e.g. `HTTPS_PROXY`. */
  readonly proxy?: { readonly host: string; readonly setting: string } | undefined;
}
