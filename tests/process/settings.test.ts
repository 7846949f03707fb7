/** Goal: a setting that is wrong stops the start: all that is wrong is named at once, and nothing is made on the disk. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { GivenProgram, type Settings } from "../support/given-program.ts";

/** Processes start on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;

/** Containers may have none. */
const HAS_IPV6 = Object.values(networkInterfaces()).some((those) => those?.some(({ family }) => family === "IPv6"));

setDefaultTimeout(TEST_MS_MAX);

let given: GivenProgram;

beforeEach(() => {
  given = new GivenProgram();
});

afterEach(() => given.remove());

/** What the program says of these settings when it refuses them. */
async function refused(settings: Settings, args: readonly string[] = []): Promise<string[]> {
  const { exitCode, out, err } = await given.run(args, settings);
  expect(exitCode).toBe(2);
  expect(out).toBe("");
  expect(readdirSync(given.folder)).toEqual([]);
  return err.trimEnd().split("\n");
}

test("a bad value is refused with the name of its setting, and so are all the others", async () => {
  const lines = await refused({
    PORT: "http",
    HOLD_TTL_MS: "-1",
    SEATS_PER_MEMBER: "9.5",
    LOG_LEVEL: "loud",
    SMTP_URL: "mail.example",
    DATABASE_URL: "sqlite::memory:",
    ADMIN_EMAIL: "admin@example.com",
  });
  const names = ["PORT", "DATABASE_URL", "LOG_LEVEL", "HOLD_TTL_MS", "SEATS_PER_MEMBER", "SMTP_URL", "ADMIN_PASSWORD"];
  expect(lines).toHaveLength(names.length);
  expect(new Set(lines.map((line) => line.split(" ")[0] ?? ""))).toEqual(new Set(names));
});

test("a name that is nearly a setting is refused, with the setting that was meant", async () => {
  expect(await refused({ HOLD_TTL: "5000" })).toEqual(["HOLD_TTL is not a setting: did you mean HOLD_TTL_MS?"]);
  expect(await refused({ SANDBOX_PROT: "1" })).toEqual(["SANDBOX_PROT is not a setting: did you mean SANDBOX_PORT?"]);
});

test("production without its secrets names each one that is missing, and refuses what is for tries only", async () => {
  const lines = await refused({ NODE_ENV: "production", SANDBOX: "on", ADDRESS_LIMITS: "off" });
  const needed = [
    "TOKEN_SIGNING_KEY",
    "NUMBER_KEY",
    "PERSON_KEY",
    "PAYMENT_URL",
    "PAYMENT_API_KEY",
    "PAYMENT_WEBHOOK_SECRET",
    "PUBLIC_URL",
  ];
  for (const name of needed) expect(lines).toContain(`${name} is missing: production needs it`);
  expect(lines).toContain("ADDRESS_LIMITS can't be off in production");
  expect(lines).toContain("SANDBOX can't be on in production");
});

test("a secret that can't be used is refused without repeating it", async () => {
  const lines = await refused({ NUMBER_KEY: "short-secret", PAYMENT_WEBHOOK_SECRET: "my webhook secret" });
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["NUMBER_KEY", "PAYMENT_WEBHOOK_SECRET"]);
  expect(lines.join()).not.toContain("short-secret");
  expect(lines.join()).not.toContain("my webhook");
});

test("commands read the same settings, and a command that there is not is refused", async () => {
  expect(await refused({ HOLD_TTL_MS: "soon" }, ["doctor"])).toHaveLength(1);
  expect(await refused({}, ["serve"])).toEqual(['There is no command "serve". bun main.ts --help names all.']);
  expect(await refused({}, ["doctor", "--fix"])).toHaveLength(1);
});

test.each(["import", "doctor", "health"])("whoever asks %s for help is told of all commands", async (command) => {
  const { exitCode, out, err } = await given.run([command, "--help"]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(out).toContain(`bun main.ts ${command}`);
});

test("without a database the doctor says so, and makes none", async () => {
  expect(await refused({}, ["doctor"])).toEqual([`There is no database at ${given.database}.`]);
  expect(await refused({}, ["doctor", "--rebuild"])).toEqual([`There is no database at ${given.database}.`]);
});

test("a setting that only its use shows to be wrong is named as well, with why", async () => {
  const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("taken") });
  const taken = String(other.port);
  const file = join(given.folder, "file");
  writeFileSync(file, "no database and no folder");
  const missing = join(given.folder, "missing.pem");
  const bus = { NATS_URL: "nats://127.0.0.1:1" };
  const wrong: readonly (readonly [setting: string, settings: Settings, why: string])[] = [
    ["HOST or PORT", { PORT: taken }, taken],
    ["SANDBOX_PORT", { SANDBOX_PORT: taken }, taken],
    ["HOST", { HOST: "256.1.1.1", PORT: "0" }, "256.1.1.1"],
    ["DATA_DIR", { DATA_DIR: file }, file],
    ["DATABASE_URL", { DATABASE_URL: `sqlite:${given.folder}` }, given.folder],
    ["DATABASE_URL", { DATABASE_URL: `sqlite:${file}` }, "not a database"],
    ["NATS_TLS_CA", { ...bus, NATS_TLS_CA: missing }, missing],
    ["NATS_TLS_CERT", { ...bus, NATS_TLS_CERT: missing, NATS_TLS_KEY: file }, missing],
    ["REDIS_TLS_CA", { REDIS_URL: "rediss://127.0.0.1:1", REDIS_TLS_CA: missing }, missing],
  ];
  for (const [setting, settings, why] of wrong) {
    const { exitCode, err } = await given.run([], settings);
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining(why) });
    expect(err).toStartWith(`PigonAir did not start: ${setting} can't be used: `);
  }
  await other.stop(true);
});

test("in production every line that is printed is one of the log, from the start to the stop", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = Buffer.alloc(32, 7).toString("base64");
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../main.ts")], {
    env: {
      NODE_ENV: "production",
      PORT: "0",
      DATA_DIR: given.folder,
      PUBLIC_URL: "https://pigonair.example",
      TOKEN_SIGNING_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      NUMBER_KEY: key,
      PERSON_KEY: key,
      PAYMENT_URL: "http://127.0.0.1:1",
      PAYMENT_API_KEY: "a-key-of-the-provider",
      PAYMENT_WEBHOOK_SECRET: `whsec_${key}`,
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  let out = "";
  let isStopping = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += part;
    if (isStopping || !out.includes('"serving"')) continue;
    isStopping = true;
    child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(0);
  const lines = out.trimEnd().split("\n");
  const said = lines.map((line) => (line.startsWith("{") ? JSON.parse(line).msg : line));
  expect(lines.filter((line) => !line.startsWith("{"))).toEqual([]);
  expect([said.at(0), said.at(-1)]).toEqual(["serving", "stopped"]);
});

test.each([
  ["0.0.0.0", "http://127.0.0.1:"],
  ...(HAS_IPV6 ? [["::", "http://[::1]:"] as const, ["::1", "http://[::1]:"] as const] : []),
])(
  "a server that was told to listen at %s says an address that can be visited, as its sandbox does",
  async (HOST, origin) => {
    const { url, sandboxUrl } = await given.start({ HOST, PORT: "0" });
    expect([url, sandboxUrl]).toEqual([expect.stringContaining(origin), expect.stringContaining(origin)]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  },
);
