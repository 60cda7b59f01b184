import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments, parse } from "yaml";
import { chart, kubernetesVersion, type Manifest, type Rendered, renderChart } from "./chart.ts";
import { everyValue } from "./every-value.ts";
import { blocksOf } from "./machine/transcript.ts";
import { defaultDrainSeconds, describeWithProgram, readDeployed } from "./deploy-folder.ts";

const oldestVersion = />=(\d+\.\d+\.\d+)/.exec(readDeployed("helm/statewave-connectors/Chart.yaml"))?.[1] ?? "";

/** Settings as `--set` takes them. */
type Settings = Readonly<Record<string, string | number | boolean>>;

describeWithProgram("helm", "the chart", () => {
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  const sharedValues = join(folder, "shared.yaml");
  beforeAll(() => {
    const { config } = parse(readDeployed("helm/statewave-connectors/values.yaml")) as { readonly config: string };
    const shared = config.replace('kind = "file"', 'kind = "postgres"\nurl = "postgres://statewave@db/connectors"');
    writeFileSync(sharedValues, JSON.stringify({ state: { kind: "shared" }, config: shared }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function render(kind: "file" | "shared", settings: Settings = {}, more: readonly string[] = []): Rendered {
    const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const values = kind === "shared" ? ["--values", sharedValues] : [];
    return renderChart([...values, ...more, ...set]);
  }

  function validate(files: readonly string[], version = kubernetesVersion) {
    const args = ["--kubernetes-version", version, "--strict", "--quiet", "--no-warn", ...files];
    const { status, stdout, stderr } = spawnSync("kubernetes-validate", args, { encoding: "utf8" });
    return { status, output: stdout + stderr };
  }

  const kindsOf = ({ manifests }: Rendered) => manifests.map(({ kind }) => kind);
  const manifestOf = ({ manifests }: Rendered, kind: string): Manifest => {
    const found = manifests.find((manifest) => manifest.kind === kind);
    if (found === undefined) throw new Error(`the chart renders no ${kind}`);
    return found;
  };

  test("passes helm lint", () => {
    expect(spawnSync("helm", ["lint", "--strict", "--kube-version", kubernetesVersion, chart], { encoding: "utf8" }).status).toBe(
      0,
    );
  });

  test("renders in every combination of its switches what Kubernetes accepts", () => {
    const switches: readonly Settings[] = [
      { "monitoring.serviceMonitor.enabled": true, "monitoring.prometheusRule.enabled": true },
      { "ingress.enabled": true, "ingress.host": "connectors.example.com", "ingress.tlsSecret": "tls" },
      { "networkPolicy.enabled": false },
      { "podDisruptionBudget.enabled": false },
      { "serviceAccount.name": "own", "state.persistence.existingClaim": "own", existingConfigMap: "own" },
    ];
    const files: string[] = [];
    for (const kind of ["file", "shared"] as const) {
      for (let chosen = 0; chosen < 2 ** switches.length; chosen += 1) {
        const settings = Object.assign({}, ...switches.filter((_, at) => (chosen & (2 ** at)) !== 0)) as Settings;
        const { text, error } = render(kind, settings);
        expect({ settings, error }).toEqual({ settings, error: "" });
        const file = join(folder, `${kind}-${chosen}.yaml`);
        writeFileSync(file, text);
        files.push(file);
      }
    }
    expect(validate(files)).toEqual({ status: 0, output: "" });
  });

  test.each([
    ["file", kubernetesVersion],
    ["file", oldestVersion],
    ["shared", kubernetesVersion],
    ["shared", oldestVersion],
  ] as const)("renders every value that no switch sets, with %s state, as Kubernetes %s accepts it", (kind, version) => {
    const values = join(folder, "every-value.yaml");
    writeFileSync(values, JSON.stringify(everyValue));
    const { text, error } = render(kind, {}, ["--kube-version", version, "--values", values]);
    expect(error).toBe("");
    const file = join(folder, `every-value-${kind}-${version}.yaml`);
    writeFileSync(file, text);
    expect(validate([file], version)).toEqual({ status: 0, output: "" });
    const rendered = JSON.stringify(parseAllDocuments(text).map((document) => document.toJS() as unknown));
    const marked = JSON.stringify(everyValue).match(/mark-\w+/g) ?? [];
    expect(marked.length).toBeGreaterThan(15);
    // A volume that outlives the release is there with file state alone.
    const expected = marked.filter((mark) => kind === "file" || mark !== "mark-class");
    expect(expected.filter((mark) => !rendered.includes(mark))).toEqual([]);
  });

  test("gives the pod of helm test what a cluster requires of every pod", () => {
    const { image, imagePullSecrets, nodeSelector, tolerations } = everyValue;
    const values = join(folder, "test-pod.yaml");
    writeFileSync(values, JSON.stringify({ image, imagePullSecrets, nodeSelector, tolerations }));
    const { spec } = manifestOf(render("file", {}, ["--values", values]), "Pod");
    expect(spec).toMatchObject({ imagePullSecrets, nodeSelector, tolerations });
    expect(spec.containers[0]).toMatchObject({
      image: `${image.repository}:${image.tag}`,
      imagePullPolicy: image.pullPolicy,
    });
  });

  test("renders the values for high availability of the guide, for three processes with all that watches them", () => {
    const values = join(folder, "guide.yaml");
    writeFileSync(values, blocksOf("deploy.md", "Kubernetes", "yaml")[0] ?? "");
    const { manifests, error } = renderChart(["--values", values]);
    expect(error).toBe("");
    const kinds = manifests.map(({ kind }) => kind);
    for (const kind of ["Deployment", "PodDisruptionBudget", "Ingress", "ServiceMonitor", "PrometheusRule"])
      expect(kinds).toContain(kind);
    expect(manifests.find(({ kind }) => kind === "Deployment")?.["spec"].replicas).toBe(3);
  });

  test("with file state runs one process on a volume that outlives the release, and never two at a time", () => {
    const rendered = render("file", { replicas: 5 });
    const { spec } = manifestOf(rendered, "Deployment");
    expect(spec.replicas).toBe(1);
    expect(spec.strategy).toEqual({ type: "Recreate" });
    expect(manifestOf(rendered, "PersistentVolumeClaim").metadata).toMatchObject({
      annotations: { "helm.sh/resource-policy": "keep" },
    });
    expect(kindsOf(rendered)).not.toContain("PodDisruptionBudget");
  });

  test("with shared state replaces one process after the other, spreads them, and keeps all but one during a drain of nodes", () => {
    const rendered = render("shared", { replicas: 3 });
    const { spec } = manifestOf(rendered, "Deployment");
    expect(spec.replicas).toBe(3);
    expect(spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
    const keys = spec.template.spec.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey);
    expect(keys).toEqual(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    const budget = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };
    expect(manifestOf(rendered, "PodDisruptionBudget")["spec"]).toMatchObject(budget);
    expect(kindsOf(rendered)).not.toContain("PersistentVolumeClaim");
    expect(kindsOf(rendered)).not.toContain("HorizontalPodAutoscaler");
  });

  test("lets everyone send webhooks, and only the pods of its namespace, or those that are named, reach the admin port", () => {
    const ingress = (settings: Settings) => manifestOf(render("file", settings), "NetworkPolicy")["spec"].ingress as unknown;
    const webhooks = { ports: [{ port: "webhooks" }] };
    const admin = { ports: [{ port: "admin" }], from: [{ podSelector: {} }] };
    expect(ingress({})).toEqual([webhooks, admin]);
    const prometheus = { namespaceSelector: { matchLabels: { name: "monitoring" } } };
    expect(ingress({ "networkPolicy.adminFrom[0].namespaceSelector.matchLabels.name": "monitoring" })).toEqual([
      webhooks,
      { ...admin, from: [prometheus] },
    ]);
  });

  test("lets the pod of helm test send webhooks beside those that are named", () => {
    const rendered = render("file", { "networkPolicy.webhooksFrom[0].ipBlock.cidr": "192.0.2.0/24" });
    const [webhooks] = manifestOf(rendered, "NetworkPolicy")["spec"].ingress;
    const { labels } = manifestOf(rendered, "Pod").metadata;
    expect(webhooks.from).toEqual([{ ipBlock: { cidr: "192.0.2.0/24" } }, { podSelector: { matchLabels: labels } }]);
  });

  test.each(["file", "shared"] as const)(
    "the configuration of %s state is valid, and ports, paths and secrets fit it",
    async (kind) => {
      const rendered = render(kind);
      const text = String(manifestOf(rendered, "ConfigMap")["data"]["statewave-connectors.toml"]);
      const { spec } = manifestOf(rendered, "Deployment")["spec"].template;
      const [container] = spec.containers;
      const mounts = new Map<string, string>(
        container.volumeMounts.map((mount: { name: string; mountPath: string }) => [mount.name, mount.mountPath]),
      );
      const secret = join(folder, "secret");
      writeFileSync(secret, "a-secret-value");
      const configPath = join(folder, `${kind}.toml`);
      const reference = /\$\{file:(?<file>[^}]+)\}/g;
      for (const { groups } of text.matchAll(reference))
        expect(groups?.["file"]).toMatch(new RegExp(`^${mounts.get("secrets")}/\\w+$`));
      writeFileSync(configPath, text.replaceAll(reference, `\${file:${secret}}`));
      const { config } = await loadConfig({ configPath, requireEntries: true, resolveFrom: [import.meta.url] });
      expect(config.runner.stateDir).toBe(mounts.get("state"));
      expect(`${mounts.get("config")}/statewave-connectors.toml`).toBe(container.args[2]);
      const ports = container.ports.map(({ containerPort }: { containerPort: number }) => containerPort);
      expect(ports).toEqual([config.runner.port, config.runner.admin?.listen.port]);
      const [sleep, preStopSeconds] = container.lifecycle.preStop.exec.command;
      expect([sleep, Number(preStopSeconds)]).toEqual(["sleep", 5]);
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(preStopSeconds) + defaultDrainSeconds() + 5);
      expect([container.readinessProbe.httpGet.path, container.livenessProbe.httpGet.path]).toEqual(["/readyz", "/healthz"]);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
    },
  );

  test.each([
    ["a value that there is not", "file", { replicaCount: 2 }, "replicaCount"],
    ["file state with a shared configuration", "shared", { "state.kind": "file" }, "state.kind is file"],
    ["shared state with a file configuration", "file", { "state.kind": "shared" }, "state.kind is shared"],
    ["secrets without a Secret", "file", { existingSecret: "" }, "set existingSecret"],
    ["an ingress without a host", "file", { "ingress.enabled": true }, "host"],
    ["a state without a kind", "file", { "state.kind": "null" }, "kind"],
    ["no configuration", "file", { config: "null" }, "config"],
    ["a label by which the chart selects", "file", { "podLabels.app\\.kubernetes\\.io/name": "x" }, "app.kubernetes.io/name"],
    ["less time to stop than a drain takes", "file", { terminationGracePeriodSeconds: 10 }, "terminationGracePeriodSeconds"],
  ] as const)("refuses %s", (_, kind, settings, word) => {
    const { text, error } = render(kind, settings);
    expect(text).toBe("");
    expect(error).toContain(word);
  });

  test("takes labels of pods that the chart does not set itself", () => {
    const settings = {
      "podLabels.app\\.kubernetes\\.io/part-of": "support",
      "podLabels.app\\.kubernetes\\.io/component": "memory",
    };
    const { metadata } = manifestOf(render("file", settings), "Deployment")["spec"].template;
    expect(metadata.labels).toMatchObject({ "app.kubernetes.io/part-of": "support", "app.kubernetes.io/component": "memory" });
  });

  test("the PrometheusRule has the alerts of deploy/prometheus, and the ServiceMonitor makes the job that they expect", () => {
    const settings = { "monitoring.serviceMonitor.enabled": true, "monitoring.prometheusRule.enabled": true };
    const rendered = render("file", settings);
    expect(manifestOf(rendered, "PrometheusRule")["spec"]).toEqual(parse(readDeployed("prometheus/alerts.yml")));
    const { spec } = manifestOf(rendered, "ServiceMonitor");
    const admin = rendered.manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name.endsWith("-admin"));
    expect(admin?.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(admin?.metadata.labels[spec.jobLabel]).toBe("statewave-connectors");
    expect(readFileSync(join(chart, "files/alerts.yml"), "utf8")).toBe(readDeployed("prometheus/alerts.yml"));
  });

  test.each([
    [200, 0],
    [503, 1],
  ])("helm test sees /readyz answer %i and ends with %i", async (status, code) => {
    const server = createServer(
      (request, response) => void response.writeHead(request.url === "/readyz" ? status : 404).end("{}"),
    );
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const [{ command, args }] = manifestOf(render("file"), "Pod")["spec"].containers;
    const port = (server.address() as AddressInfo).port;
    const script = String(args[0]).replace(/http:\/\/[^/]+/, `http://127.0.0.1:${port}`);
    const child = spawn(process.execPath, [...command.slice(1), script], { stdio: "ignore" });
    expect((await once(child, "exit"))[0]).toBe(code);
    server.close();
  });
});
