import { type Html, html, plain } from "../html.ts";
import type { ConsolePage } from "../visit.ts";

/** The form to sign in. `isWrong`: what was sent is not the token. */
export function loginPage({
  isWrong = false,
  visitor = "",
}: { readonly isWrong?: boolean; readonly visitor?: string } = {}): ConsolePage {
  const main = html`<h1>Sign in</h1>
    ${isWrong ? problem : ""}
    <form class="login" method="post" action="/console/login">
      <label>Token <input type="password" name="token" required autocomplete="current-password" autofocus /></label>
      <p class="remark">The value of <code>[runner.admin] token</code>.</p>
      <label
        >Your name, for the audit log <input name="visitor" maxlength="60" autocomplete="name" value="${plain(visitor, 60)}"
      /></label>
      <button>Sign in</button>
    </form>`;
  return { title: "Sign in", status: isWrong ? 401 : 200, main };
}

const problem: Html = html`<p class="problem" role="alert">That is not the token.</p>`;
