/** Values of the chart that no switch of its test sets; each holds a mark that must be in what is rendered. */
export const everyValue = {
  image: { repository: "registry.example.com/mark-image", tag: "mark-tag", pullPolicy: "Always" },
  imagePullSecrets: [{ name: "mark-pull" }],
  state: { persistence: { size: "5Gi", storageClass: "mark-class" } },
  env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "mark-env", key: "token" } } }],
  envFrom: [{ secretRef: { name: "mark-from" } }],
  service: { type: "LoadBalancer", port: 8080 },
  ingress: { enabled: true, host: "mark-host.example.com", className: "mark-ingress", annotations: { note: "mark-annotation" } },
  networkPolicy: {
    webhooksFrom: [{ podSelector: { matchLabels: { app: "mark-proxy" } } }],
    adminFrom: [{ namespaceSelector: { matchLabels: { name: "mark-monitoring" } } }],
  },
  monitoring: {
    serviceMonitor: { enabled: true, interval: "1m", labels: { release: "mark-monitor" }, tokenKey: "mark-key" },
    prometheusRule: { enabled: true, labels: { release: "mark-rule" } },
  },
  podAnnotations: { note: "mark-pod" },
  podLabels: { team: "mark-team" },
  nodeSelector: { disk: "mark-disk" },
  tolerations: [{ key: "mark-taint", operator: "Exists" }],
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "mark-topology" }] } },
  extraVolumes: [{ name: "mark-volume", emptyDir: {} }],
  extraVolumeMounts: [{ name: "mark-volume", mountPath: "/documents" }],
};
