/** Goal: the manifests are what Kubernetes takes, hang together, and let nobody stop, move or reach more than was meant. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GIVEN_SECRETS, NOTHING, type Node, objectionsTo, PINNED, ROOT, textOf, yamlOf, yamlsOf } from "./files.ts";

const SCHEMAS = join(ROOT, "node_modules/kubernetes-models/_schemas");
const PREFIXES: Readonly<Record<string, string>> = {
  v1: "CoreV1",
  "apps/v1": "AppsV1",
  "batch/v1": "BatchV1",
  "policy/v1": "PolicyV1",
  "autoscaling/v2": "AutoscalingV2",
  "networking.k8s.io/v1": "NetworkingV1",
};
/** Their members are names of people's own. */
const FREE_FORM = new Set(["labels", "annotations", "matchLabels", "data", "requests", "limits"]);

const base = yamlOf("kubernetes/base/kustomization.yaml");
const overlay = yamlOf("kubernetes/production/kustomization.yaml");
const manifests = [
  ...[...(base.resources ?? [])].flatMap((file) => yamlsOf(`kubernetes/base/${file}`)),
  ...yamlsOf("kubernetes/production/ingress.yaml"),
];
const deployments = manifests.filter(({ kind }) => kind === "Deployment");
const named = (kind: string, name: string): Node | undefined =>
  manifests.find((each) => String(each.kind) === kind && String(each.metadata?.name) === name);
const podOf = (deployment: Node): Node => deployment.spec?.template?.spec ?? NOTHING;
const containerOf = (deployment: Node): Node => podOf(deployment).containers?.[0] ?? NOTHING;

test("every manifest is what its API takes", async () => {
  for (const manifest of manifests) {
    const { validate } = await import(
      join(SCHEMAS, `IoK8sApi${PREFIXES[String(manifest.apiVersion)]}${manifest.kind}.js`)
    );
    validate(manifest);
    expect([manifest.kind, manifest.metadata?.name, validate.errors]).toEqual([
      manifest.kind,
      manifest.metadata?.name,
      null,
    ]);
  }
});

test("no manifest has a field that no API knows", () => {
  const known = new Set<string>();
  const packages = [SCHEMAS, join(ROOT, "node_modules/@kubernetes-models/apimachinery/_schemas")];
  for (const folder of packages) {
    for (const file of readdirSync(folder)) {
      if (!/^IoK8s(?:Api(?:Core|Apps|Batch|Policy|Autoscaling|Networking)V\d|ApimachineryPkg)\w*\.js$/.test(file))
        continue;
      const text = readFileSync(join(folder, file), "utf8");
      for (const [, name = ""] of text.matchAll(/\bdata\.(\w+)/g)) known.add(name);
    }
  }
  const unknown = (node: unknown): string[] => {
    if (Array.isArray(node)) return node.flatMap(unknown);
    if (typeof node !== "object" || node === null) return [];
    return Object.entries(node).flatMap(([name, value]) => [
      // Names with a slash are labels, as selectors have them.
      ...(known.has(name) || name.includes("/") ? [] : [name]),
      ...(FREE_FORM.has(name) ? [] : unknown(value)),
    ]);
  };
  expect(manifests.flatMap(unknown)).toEqual([]);
  expect(unknown({ spec: { topologySpreadConstraint: [] } })).toEqual(["topologySpreadConstraint"]);
});

test("kustomize puts them together, where kubectl is installed", async () => {
  const kubectl = Bun.which("kubectl");
  if (kubectl === null) return;
  const rendered = await Bun.$`${kubectl} kustomize ${join(ROOT, "deploy/kubernetes/base")}`.quiet().nothrow();
  expect(rendered.stderr.toString()).toBe("");
  expect(rendered.stdout.toString().match(/^kind: /gm)?.length).toBe(
    manifests.filter(({ kind }) => kind !== "Ingress").length,
  );
});

test("every process would start with its settings", () => {
  const settings: Readonly<Record<string, string>> = named("ConfigMap", "pigonair-settings")?.data ?? {};
  for (const deployment of deployments) {
    const own = [...(containerOf(deployment).env ?? [])].map(({ name, value }) => [
      name,
      value ?? GIVEN_VALUES[name ?? ""],
    ]);
    const env = { ...GIVEN_SECRETS, ...settings, ...Object.fromEntries(own) };
    expect([deployment.metadata?.name, objectionsTo(env)]).toEqual([deployment.metadata?.name, []]);
    expect(String(env.ROLE)).toBe(String(deployment.metadata?.name));
    expect(Number(env.PORT)).toBe(Number(containerOf(deployment).ports?.[0]?.containerPort));
  }
  expect(objectionsTo({ ...GIVEN_SECRETS, ...settings })).toEqual([]);
});

/** What the cluster itself, and the overlay's own maps, put in. */
const GIVEN_VALUES: Readonly<Record<string, string>> = {
  HOST_ID: "actors-6d8f7c9b5-x2k4q",
  NATS_URL: "tls://actors:secret@nats:4222",
  TRUSTED_PROXIES: "10.0.0.0/8",
};

test("probes, the end and the moves leave no request behind", () => {
  for (const deployment of deployments) {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle, env = [] } = containerOf(deployment);
    expect(livenessProbe?.httpGet).toEqual({ path: "/livez", port: "http" } as unknown as Node);
    expect(startupProbe?.httpGet).toEqual({ path: "/livez", port: "http" } as unknown as Node);
    expect(readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "http" } as unknown as Node);
    const drainMs = Number([...env].find(({ name }) => name === "DRAIN_MS")?.value ?? 0);
    const preStopS = Number(lifecycle?.preStop?.sleep?.seconds ?? 0);
    const restS = Number(podOf(deployment).terminationGracePeriodSeconds) - drainMs / 1_000 - preStopS;
    // A request may take 15 s, and what follows it some more.
    expect(restS).toBeGreaterThanOrEqual(30);
    expect(named("PodDisruptionBudget", String(deployment.metadata?.name))).toBeDefined();
    expect(podOf(deployment).topologySpreadConstraints?.length).toBe(2);
  }
});

test("edges and hosts of flights grow by the product's own figures, which the adapter makes", () => {
  const metrics = { edge: "pigonair_edge_saturation", actors: "pigonair_lane_occupancy" };
  const rules = [...(yamlOf("kubernetes/prometheus-adapter.yaml").rules?.custom ?? [])];
  for (const [name, metric] of Object.entries(metrics)) {
    const { spec } = named("HorizontalPodAutoscaler", name) ?? NOTHING;
    expect(String(spec?.scaleTargetRef?.name)).toBe(name);
    expect(String(spec?.metrics?.[0]?.pods?.metric?.name)).toBe(metric);
    expect(rules.map((rule) => String(rule.name?.as))).toContain(metric);
    // Whoever says how many there are says it alone.
    expect(named("Deployment", name)?.spec).not.toHaveProperty("replicas");
  }
});

test("what the adapter asks Prometheus for is what the product tells", async () => {
  const asked = new Set(
    Array.from(
      textOf("kubernetes/prometheus-adapter.yaml").matchAll(/(pigonair_[a-z_]+?)(?:_sum|_count)?\{/g),
      ([, name = ""]) => name,
    ),
  );
  const sources = ["http/telemetry/stage-reporter.ts", "actors/lane-meter.ts"];
  const told = (await Promise.all(sources.map((path) => Bun.file(join(ROOT, path)).text()))).join("\n");
  expect(asked.size).toBe(2);
  for (const name of asked) expect(told).toContain(`"${name}"`);
});

test("selectors find pods, and services and the ingress lead to a port", () => {
  const labels = deployments.map((deployment) => deployment.spec?.template?.metadata?.labels ?? NOTHING);
  for (const manifest of manifests) {
    const { kind, spec = NOTHING } = manifest;
    const asked = kind === "Service" ? spec.selector : spec.selector?.matchLabels;
    if (asked === undefined) continue;
    const found = labels.filter((each) =>
      Object.entries(asked).every(([name, value]) => String(each[name]) === String(value)),
    );
    expect(found.length).toBe(1);
  }
  const port = named("Service", "edge")?.spec?.ports?.[0];
  expect(String(port?.targetPort)).toBe(String(containerOf(named("Deployment", "edge") ?? NOTHING).ports?.[0]?.name));
  const backend = named("Ingress", "edge")?.spec?.rules?.[0]?.http?.paths?.[0]?.backend?.service;
  expect(backend).toEqual({ name: "edge", port: { name: String(port?.name) } } as unknown as Node);
});

test("what processes tell machines of the inside is told to nobody outside, with a slash at its end or without", () => {
  const inside = named("Ingress", "edge-inside");
  const closed = "nginx.ingress.kubernetes.io/whitelist-source-range";
  expect(String(inside?.metadata?.annotations?.[closed])).toBe("127.0.0.1/32");
  const [rule = NOTHING] = inside?.spec?.rules ?? [];
  expect(String(rule.host)).toBe(String(named("Ingress", "edge")?.spec?.rules?.[0]?.host));
  const paths = [...(rule.http?.paths ?? [])].map(({ path, pathType }) => `${pathType} ${path}`);
  expect(paths).toEqual(["Prefix /metrics", "Prefix /readyz", "Prefix /livez"]);
});

test("pods can do nothing but their work", () => {
  const jobs = manifests
    .filter(({ kind }) => kind === "CronJob")
    .map(({ spec }) => spec?.jobTemplate?.spec?.template?.spec ?? NOTHING);
  for (const pod of [...deployments.map(podOf), ...jobs]) {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    for (const container of pod.containers ?? []) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.resources).toHaveProperty("limits.memory");
      expect(container.resources).toHaveProperty("requests.cpu");
    }
  }
  const closed = named("NetworkPolicy", "nobody")?.spec;
  expect(closed).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] } as unknown as Node);
});

test("the image has a version, and no secret lies beside the overlay", () => {
  const [image = NOTHING] = overlay.images ?? [];
  expect(`${image.newName}:${image.newTag}`).toMatch(PINNED);
  for (const { envs = [] } of overlay.secretGenerator ?? []) {
    for (const file of envs) expect(existsSync(join(ROOT, "deploy/kubernetes/production", file))).toBe(false);
  }
});
