import { describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { foreign, html } from "../html.ts";
import type { ConsolePage } from "../visit.ts";

/** A page that could not be made, with what can be done about it. */
export function problemPage(error: unknown): ConsolePage {
  if (!isConnectorsError(error))
    return {
      title: "Error",
      status: 500,
      main: html`<h1>This page could not be made</h1>
        <p>The log of the runner says why.</p>`,
    };
  const { code, hint } = error;
  const main = html`<h1>This page could not be made</h1>
    <p class="problem">${foreign(maskSecrets(describeError(error)))} <code>${foreign(code)}</code></p>
    ${hint === undefined ? "" : html`<p>${foreign(maskSecrets(hint))}</p>`}`;
  return { title: "Error", status: 503, main };
}

/** A request that is not carried out. */
export function refusalPage(status: 401 | 403, why: string): ConsolePage {
  return {
    title: "Refused",
    status,
    main: html`<h1>Refused</h1>
      <p>${why}</p>
      <p><a href="/console/">All sources</a></p>`,
  };
}
