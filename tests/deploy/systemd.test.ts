/** Goal: the units are what systemd takes, start the program with settings that it takes, and leave it nothing but its folder and the network. */

import { expect, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUNTIME } from "../../deploy/runtime.ts";
import { GIVEN_SECRETS, objectionsTo, ROOT, textOf } from "./files.ts";

const FOLDER = join(ROOT, "deploy/systemd");
const services = readdirSync(FOLDER).filter((name) => name.endsWith("@.service"));
/** As `systemd-analyze security` counts, from 0 (nothing is left to it) to 10. */
const EXPOSURE_MAX = 2;

/** `Name=value` lines, each name with all its values. */
function read(unit: string): Map<string, string[]> {
  const read = new Map<string, string[]>();
  for (const line of textOf(`systemd/${unit}`).split("\n")) {
    const [, name, value = ""] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) read.set(name, [...(read.get(name) ?? []), value]);
  }
  return read;
}

test("there is one for each role", () => {
  expect(services.toSorted()).toEqual([
    "pigonair-actors@.service",
    "pigonair-edge@.service",
    "pigonair-workers@.service",
  ]);
});

test.each(services)("%s starts the program with settings that it takes, and gives it the time to stop", (unit) => {
  const lines = read(unit);
  const env = Object.fromEntries(
    (lines.get("Environment") ?? []).map((each) => {
      const [name = "", ...value] = each.replaceAll("%i", "3101").replaceAll("%l", "server-1").split("=");
      return [name, value.join("=")];
    }),
  );
  expect(env).toMatchObject(RUNTIME);
  const settings = Object.fromEntries(Object.entries(env).filter(([name]) => !(name in RUNTIME)));
  expect(objectionsTo({ ...GIVEN_SECRETS, NATS_URL: "nats://user:secret@nats:4222", ...settings })).toEqual([]);
  expect(unit).toBe(`pigonair-${env.ROLE}@.service`);
  expect(env.DATA_DIR).toBe(`/var/lib/${lines.get("StateDirectory")?.[0]?.replace("%i", "3101")}`);
  expect(lines.get("EnvironmentFile")).toContain(`/etc/pigonair/${env.ROLE}.env`);
  const restS = Number(lines.get("TimeoutStopSec")?.[0]) - Number(env.DRAIN_MS ?? 0) / 1_000;
  expect(restS).toBeGreaterThanOrEqual(30);
});

test.each(services)("%s is nobody, and sees nothing but its folder", (unit) => {
  const lines = read(unit);
  const must = {
    DynamicUser: "yes",
    ProtectSystem: "strict",
    ProtectHome: "yes",
    NoNewPrivileges: "yes",
    PrivateTmp: "yes",
  };
  for (const [name, value] of Object.entries(must)) expect(lines.get(name)).toEqual([value]);
  expect(lines.get("CapabilityBoundingSet")).toEqual([""]);
});

const analyze = Bun.which("systemd-analyze");
if (analyze === null)
  console.log("left out: what systemd itself says of the units; systemd-analyze is missing (apt-get install systemd)");

test.skipIf(analyze === null)(
  "systemd finds nothing wrong with them (systemd-analyze, of the package systemd)",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-systemd-"));
    try {
      cpSync(FOLDER, folder, { recursive: true });
      for (const unit of services) {
        // The program need not be installed where the unit is looked at.
        const text = readFileSync(join(folder, unit), "utf8").replaceAll("/usr/local/bin/pigonair", "/bin/true");
        writeFileSync(join(folder, unit), text);
      }
      const instances = services.map((unit) => unit.replace("@.", "@3101."));
      const env = { PATH: process.env.PATH ?? "", SYSTEMD_UNIT_PATH: `${folder}:` };
      const said = await Bun.$`systemd-analyze verify --man=no ${instances}`.env(env).quiet().nothrow();
      expect(`${said.stdout}${said.stderr}`).toBe("");
      expect(said.exitCode).toBe(0);
      const paths = services.map((unit) => join(folder, unit));
      const security = await Bun.$`systemd-analyze security --offline=yes --no-pager ${paths}`
        .env(env)
        .quiet()
        .nothrow();
      const levels = Array.from(security.stdout.toString().matchAll(/exposure level for \S+ ([\d.]+)/g), ([, level]) =>
        Number(level),
      );
      expect(levels.length).toBe(services.length);
      for (const level of levels) expect(level).toBeLessThan(EXPOSURE_MAX);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("Prometheus asks those that README.md enables, and nginx goes to the edges among them", () => {
  const [, enabled = ""] = /^systemctl enable --now (.+)$/m.exec(textOf("README.md")) ?? [];
  const processes = Array.from(enabled.matchAll(/pigonair-([a-z]+)@(\d+)/g), ([, role, port]) => `${role} ${port}`);
  const targets: readonly { readonly targets: readonly string[]; readonly labels: { readonly role: string } }[] =
    JSON.parse(textOf("observability/targets/pigonair.json"));
  const asked = targets.flatMap((each) => each.targets.map((at) => `${each.labels.role} ${at.split(":")[1]}`));
  expect(new Set(asked)).toEqual(new Set(processes));
  const named = Array.from(
    textOf("nginx/edges.conf").matchAll(/^server 127\.0\.0\.1:(\d+)/gm),
    ([, port]) => `edge ${port}`,
  );
  expect(new Set(named)).toEqual(new Set(processes.filter((each) => each.startsWith("edge "))));
});

test("roll.sh asks each process where it listens, also at the address that its file names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-roll-"));
  try {
    const program = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const said = join(folder, "said");
    program("systemctl", `[ "$1" = restart ] || echo "$5" | sed -n 's/\\*/3101/p'`);
    program("pigonair", `echo "$HOST:$PORT$NODE_ENV" >> ${said}`);
    writeFileSync(join(folder, "settings.env"), "PUBLIC_URL=https://pigonair.example\nHOST=0.0.0.0\n");
    writeFileSync(join(folder, "secrets.env"), "");
    writeFileSync(join(folder, "edge.env"), 'NATS_URL=nats://nats:4222\nHOST="10.0.0.5"\n');
    writeFileSync(join(folder, "actors.env"), "NATS_URL=nats://nats:4222\n");
    const script = textOf("systemd/roll.sh").replaceAll("/usr/local/bin", folder).replaceAll("/etc/pigonair", folder);
    // Whatever the shell of whoever rolls has: in production `health` would ask for secrets that only the units have.
    const env = { PATH: `${folder}:${process.env.PATH}`, NODE_ENV: "production" };
    const rolled = await Bun.$`sh -c ${script}`.env(env).quiet().nothrow();
    expect(rolled.stderr.toString()).toBe("");
    expect(rolled.stdout.toString().trim().split("\n").length).toBe(3);
    expect(readFileSync(said, "utf8").trim().split("\n")).toEqual(["0.0.0.0:3101", "0.0.0.0:3101", "10.0.0.5:3101"]);
    // Without any such file it is the unit's own.
    rmSync(said);
    for (const name of ["settings.env", "secrets.env", "edge.env", "actors.env"]) rmSync(join(folder, name));
    await Bun.$`sh -c ${script}`.env(env).quiet();
    expect(readFileSync(said, "utf8").trim().split("\n")).toEqual(Array(3).fill("127.0.0.1:3101"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const systemctl = Bun.which("systemctl");
if (systemctl === null)
  console.log("left out: what a machine starts again by itself; systemctl is missing (apt-get install systemd)");

test.skipIf(systemctl === null)("what README.md enables is there again when the machine has started anew", async () => {
  const root = mkdtempSync(join(tmpdir(), "pigonair-systemd-"));
  try {
    const units = join(root, "etc/systemd/system");
    cpSync(FOLDER, units, { recursive: true });
    const [, enabled = ""] = /^systemctl enable --now (.+)$/m.exec(textOf("README.md")) ?? [];
    const said = await Bun.$`systemctl --root=${root} enable ${enabled.split(" ")}`.quiet().nothrow();
    expect([said.exitCode, enabled.match(/@/g)?.length]).toEqual([0, 5]);
    // What a machine starts wants the target, and the target wants each process.
    expect(existsSync(join(units, "multi-user.target.wants"))).toBe(true);
    expect(readdirSync(join(units, "multi-user.target.wants"))).toEqual(["pigonair.target"]);
    expect(readdirSync(join(units, "pigonair.target.wants")).length).toBe(5);
  } finally {
    rmSync(root, { recursive: true });
  }
});
