import * as v from "valibot";
import { oneOrMany } from "./one-or-many.ts";

const message =
  'allowed_hosts is a list of other names of the same server, with or without a port, such as ["github.example.com"]';

/**
 * The option `allowed_hosts`: further names under which the server at `base_url` links to itself. The connector gets each as it stands in a
 * URL, for `allowedHosts` of the provider client.
 */
export function allowedHosts() {
  const host = v.pipe(
    v.string(message),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const text = dataset.value.trim();
      const url = /^[^\s/\\?#@]+$/.test(text) ? URL.parse(`http://${text}`) : null;
      // A port that `http` implies is dropped by `URL`.
      if (url !== null) return text.endsWith(":80") ? `${url.hostname}:80` : url.host;
      addIssue({ message });
      return NEVER;
    }),
  );
  return oneOrMany(host, { message, type: "host or list of hosts", mostItems: 20 });
}
