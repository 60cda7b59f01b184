import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { deployFolder } from "./deploy-folder.ts";

export const chart = join(deployFolder, "helm/statewave-connectors");
export const kubernetesVersion = "1.34.0";

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // eslint-disable-next-line typescript/no-explicit-any -- a manifest has the shape of its kind
  readonly [key: string]: any;
}

export interface Rendered {
  readonly text: string;
  readonly error: string;
  readonly manifests: readonly Manifest[];
}

/** What `helm template` makes of the chart; a later `--kube-version` wins. */
export function renderChart(args: readonly string[]): Rendered {
  const template = ["template", "release", chart, "--kube-version", kubernetesVersion, ...args];
  const { stdout, stderr } = spawnSync("helm", template, { encoding: "utf8" });
  const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest | null);
  return { text: stdout, error: stderr, manifests: manifests.filter((manifest) => manifest !== null) };
}
