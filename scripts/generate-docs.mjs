// Writes everything in the docs that comes from the code:
//
//   npm run docs
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

for (const name of ["config-reference", "metrics-reference", "readme-options", "source-list", "json-reference"]) {
  const script = fileURLToPath(new URL(`generate-${name}.mjs`, import.meta.url));
  execFileSync(process.execPath, ["--conditions=@statewave-connectors/source", script], { stdio: "inherit" });
}
