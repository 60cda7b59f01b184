import type { ConsoleHost } from "@statewave-connectors/runner/console";
import { type Html, html, plain } from "../html.ts";
import type { ConsolePage } from "../visit.ts";

/** Why a visitor is not signed in. */
type Refusal = Exclude<ReturnType<ConsoleHost["checkToken"]>, "right">;

/** The form to sign in. */
export function loginPage({
  refusal,
  visitor = "",
}: { readonly refusal?: Refusal; readonly visitor?: string } = {}): ConsolePage {
  const main = html`<h1>Sign in</h1>
    ${refusal === undefined ? "" : problem(refusal)}
    <form class="login" method="post" action="/console/login">
      <label>Token <input type="password" name="token" required autocomplete="current-password" autofocus /></label>
      <p class="remark">The value of <code>[runner.admin] token</code>.</p>
      <label
        >Your name, for the audit log <input name="visitor" maxlength="60" autocomplete="name" value="${plain(visitor, 60)}"
      /></label>
      <button>Sign in</button>
    </form>`;
  if (typeof refusal !== "object") return { title: "Sign in", status: refusal === undefined ? 200 : 401, main };
  return { title: "Sign in", status: 429, headers: { "retry-after": String(secondsOf(refusal)) }, main };
}

function problem(refusal: Refusal): Html {
  const text =
    refusal === "wrong"
      ? "That is not the token."
      : `Several wrong tokens were sent from your address. Try again in ${secondsOf(refusal)} s.`;
  return html`<p class="problem" role="alert">${text}</p>`;
}

function secondsOf({ retryAfterMs }: Exclude<Refusal, string>): number {
  return Math.ceil(retryAfterMs / 1_000);
}
