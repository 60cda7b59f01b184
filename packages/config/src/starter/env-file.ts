import type { StarterVariable } from "./starter-file.ts";

/** `.env.example`: each variable that the file refers to, without its value. */
export function envExample(variables: readonly StarterVariable[]): string {
  const lines = variables.map(({ name, about }) => `\n# ${about}\n${name}=\n`);
  return `# Copy this file to .env, fill it in, and keep .env out of version control.\n${lines.join("")}`;
}

/** `.env` with the values that are known; one that no quotes can hold stays empty. */
export function envFile(variables: readonly StarterVariable[]): string {
  return variables.map(({ name, about, value = "" }) => `# ${about}\n${name}=${quoted(value)}\n`).join("\n");
}

/** As `node:util` and a shell read it. Double quotes come last: inside them both replace more than the other quotes do. */
function quoted(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return /["\\$`]/.test(value) ? "" : `"${value}"`;
}
