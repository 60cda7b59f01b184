// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { maskSecrets, maskSecretsIn, rememberSecret } from "./known-secrets.ts";
export { isSecret, revealed, type SecretOptions } from "./secret.ts";
export { escapeInvisible } from "./visible-text.ts";
