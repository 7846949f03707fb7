// Goal: a setting is taken, or the start stops and says which one is wrong and why: all of them at once, and no secret repeated.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Config, readConfig, settingsHelp, settingsTable } from "../config.ts";

type Environment = Readonly<Record<string, string>>;

function configOf(env: Environment): Config {
  const reading = readConfig(env);
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return reading.config;
}

/** `NAME problem`, one for each error. */
function errorsOf(env: Environment): string[] {
  const reading = readConfig(env);
  return reading.ok ? [] : reading.errors.map(({ setting, problem }) => `${setting} ${problem}`);
}

const KEY = Buffer.alloc(32, 7).toString("base64");

const PRODUCTION = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://pigonair.example",
  TOKEN_SIGNING_KEY: '{"kty":"OKP"}',
  NUMBER_KEY: KEY,
  PERSON_KEY: KEY,
  PAYMENT_URL: "https://payments.example",
  PAYMENT_API_KEY: "a-key-of-the-provider",
  PAYMENT_WEBHOOK_SECRET: `whsec_${KEY}`,
};

describe("defaults", () => {
  test("need nothing", () => {
    const config = configOf({});
    expect(config).toMatchObject({
      isProduction: false,
      host: "127.0.0.1",
      port: 3000,
      publicUrl: null,
      database: { kind: "sqlite", file: join("data", "pigonair.sqlite") },
      addressLimits: true,
      admin: null,
      sandbox: { port: 3001 },
      smtpUrl: null,
      rules: { holdTtlMs: 900_000, paymentTtlMs: 600_000, seatsPerMember: 9 },
    });
    expect(Object.values(config.secrets)).toEqual([null, null, null, null, null]);
  });

  test("stand for variables that are empty as well, and others' variables don't matter", () => {
    const env = {
      PORT: "",
      SMTP_URL: "",
      PATH: "/bin",
      HOSTNAME: "x",
      LANG: "C",
      EDITOR: "vi",
      XDG_DATA_DIRS: "/",
      POST: "1",
      HOST_IP: "10.0.0.7",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://collector:4318/v1/metrics",
    };
    expect(configOf(env)).toEqual(configOf({}));
  });
});

describe("readConfig() takes", () => {
  test("what is given", () => {
    const config = configOf({
      PORT: "0",
      HOST: "::1",
      DATA_DIR: "/var/lib/pigonair",
      DATABASE_URL: "sqlite:/tmp/x.sqlite",
      HOLD_TTL_MS: "5000",
      ADMIN_EMAIL: "admin@pigonair.example",
      ADMIN_PASSWORD: "a long password",
      SANDBOX_PORT: "0",
      SMTP_URL: "smtps://mail.example",
      LOG_LEVEL: "debug",
      TRUSTED_PROXIES: "10.0.0.0/8, ::1",
      ADDRESS_LIMITS: "off",
      NUMBER_KEY: KEY,
      AIRLINE_CODE: "180",
    });
    expect(config).toMatchObject({
      port: 0,
      host: "::1",
      dataDir: "/var/lib/pigonair",
      database: { kind: "sqlite", file: "/tmp/x.sqlite" },
      admin: { email: "admin@pigonair.example", password: "a long password" },
      sandbox: { port: 0 },
      smtpUrl: "smtps://mail.example",
      logLevel: { level: "debug", parts: {} },
      addressLimits: false,
      airlineCode: "180",
    });
    expect(config.rules.holdTtlMs).toBe(5_000);
    expect(config.trustedProxies.check("10.1.2.3")).toBe(true);
    expect(config.secrets.numberKey).toEqual(new Uint8Array(32).fill(7));
  });

  test.each([
    ["sqlite:x.sqlite", "x.sqlite"],
    ["sqlite:///x/y.sqlite", "/x/y.sqlite"],
  ])("DATABASE_URL=%s as the file %s", (url, file) => {
    expect(configOf({ DATABASE_URL: url }).database).toEqual({ kind: "sqlite", file });
  });

  test("servers that many processes share", () => {
    const config = configOf({
      ROLE: "edge",
      DATABASE_URL: "mysql://pigon:secret@db.example:3306/pigonair",
      NATS_URL: "nats://edge:secret@a.example:4222,nats://edge:secret@b.example:4222",
      REDIS_URL: "rediss://cache.example:6379",
      HOST_ID: "edge-1",
    });
    expect(config).toMatchObject({
      role: "edge",
      hostId: "edge-1",
      database: { kind: "mysql", url: "mysql://pigon:secret@db.example:3306/pigonair", tlsCa: null },
      nats: { url: "nats://edge:secret@a.example:4222,nats://edge:secret@b.example:4222" },
      redis: { url: "rediss://cache.example:6379", ca: null },
      // One sandbox serves the whole cluster: that of the workers.
      sandbox: null,
      paymentUrl: "http://127.0.0.1:3001",
    });
  });

  test.each([
    ["DATABASE_URL", "mysql://user:50%25%23@[::1]:3306/pigonair"],
    ["NATS_URL", "nats://user:50%25@a:4222,tls://b"],
    ["REDIS_URL", "redis://:p%40ss@host:6379/1"],
    ["REDIS_URL", "rediss://host"],
    ["SMTP_URL", "smtps://user%40mail.example:secret@mail.example:465"],
    ["MAIL_FROM", "Pigon, Air <tickets@pigonair.example>"],
    ["MAIL_FROM", "tickets@pigonair.example"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20eA==, x-scope = a"],
    ["OTEL_RESOURCE_ATTRIBUTES", "a=b, share=50%25"],
  ])("%s=%s", (name, value) => {
    expect(errorsOf({ [name]: value })).toEqual([]);
  });

  test("the file of the database in DATA_DIR", () => {
    expect(configOf({ DATA_DIR: "/d" }).database).toEqual({ kind: "sqlite", file: "/d/pigonair.sqlite" });
  });
});

describe("readConfig() refuses", () => {
  test.each([
    ["PORT", "65536", "from 0 to 65535"],
    ["PORT", "3000x", "from 0 to 65535"],
    ["PORT", "-1", "from 0 to 65535"],
    ["HOLD_TTL_MS", "1e6", "whole number"],
    ["HOLD_TTL_MS", "99999999999999999999", "whole number"],
    ["BATCH_MAX", "0", "from 1 to"],
    ["NODE_ENV", "prod", "development, production, test"],
    ["LOG_LEVEL", "verbose", "debug, info, warn, error, silent"],
    ["LOG_LEVEL", "info,kitchen=debug", "knows the parts main, http"],
    ["OTEL_TRACES_SAMPLER_ARG", "2", "a number from 0 to 1"],
    ["ADDRESS_LIMITS", "no", "on, off"],
    ["ROLE", "everything", "must be one of"],
    ["DATABASE_URL", "mysql://root@localhost", "host:port/database"],
    ["DATABASE_URL", "mysql:pigonair", "host:port/database"],
    ["NATS_URL", "localhost:4222", "nats://"],
    ["REDIS_URL", "localhost", "redis://"],
    ["NATS_URL", "nats://host:99999", "nats://"],
    ["NATS_URL", "nats://a:4222,nats://user:50%@b:4222", "%25"],
    ["REDIS_URL", "redis://host:99999", "redis://"],
    ["REDIS_URL", "redis://user:50%@host", "%25"],
    ["REDIS_URL", "redis://user:a#b@host", "%23"],
    ["DATABASE_URL", "mysql://user:50%@host/pigonair", "%25"],
    ["DATABASE_URL", "mysql://user:password@host:99999/pigonair", "host:port/database"],
    ["SMTP_URL", "smtp://host:99999", "smtp://"],
    ["PAYMENT_URL", "https://payments.example:99999", "http"],
    ["PUBLIC_URL", "https://pigonair.example:99999", "http"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:99999", "http"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "secret", "name=value"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "share=50%", "%25"],
    ["OTEL_RESOURCE_ATTRIBUTES", "share=50%", "%25"],
    ["MAIL_FROM", "tickets", "an address"],
    ["MAIL_FROM", "PigonAir <tickets>", "an address"],
    ["HOST_WEIGHT", "0", "from 1 to 100"],
    ["HOST_ID", "one host", "letters"],
    ["DATABASE_URL", "postgres://localhost", "sqlite:PATH"],
    ["DATABASE_URL", "sqlite:", "sqlite:PATH"],
    ["DATABASE_URL", "sqlite::memory:", "must be a file"],
    ["TRUSTED_PROXIES", "10.0.0.0/8,home", "home"],
    ["PUBLIC_URL", "pigonair.example", "http"],
    ["PUBLIC_URL", "https://pigonair.example/shop", "without a path"],
    ["SMTP_URL", "mail.example:25", "smtp://"],
    ["AIRLINE_CODE", "PG", "three digits"],
    ["NUMBER_KEY", "short", "32 bytes"],
    ["NUMBER_KEY", `${KEY}!`, "base64"],
    ["PAYMENT_WEBHOOK_SECRET", "secret", "whsec_"],
    ["HOST", "a b", "host name"],
  ])("%s=%s, and says why", (name, value, why) => {
    const errors = errorsOf({ [name]: value });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toStartWith(`${name} `);
    expect(errors[0]).toContain(why);
  });

  test("everything that is wrong, at once", () => {
    expect(errorsOf({ PORT: "x", HOLD_TTL_MS: "y", SEAT_PER_MEMBER: "2" }).map((error) => error.split(" ")[0])).toEqual(
      ["SEAT_PER_MEMBER", "PORT", "HOLD_TTL_MS"],
    );
  });

  test("an edge, actors or workers alone without what they need of each other", () => {
    const sqlite =
      "must be mysql://… for actors alone: a SQLite file is for one process, and the others could not see it";
    expect(errorsOf({ ROLE: "actors", NATS_URL: "nats://localhost" })).toEqual([`DATABASE_URL ${sqlite}`]);
    const DATABASE_URL = "mysql://pigon:secret@localhost:3306/pigonair";
    expect(errorsOf({ ROLE: "actors", DATABASE_URL })).toEqual([
      "NATS_URL is missing: actors alone reaches the other processes by NATS",
    ]);
    expect(errorsOf({ ROLE: "edge", DATABASE_URL, NATS_URL: "nats://localhost" })).toEqual([
      "REDIS_URL is missing: without it each edge would have a waiting room, limits and revoked sessions of its own",
    ]);
    expect(errorsOf({ ROLE: "workers", DATABASE_URL, NATS_URL: "nats://localhost" })).toEqual([
      "REDIS_URL is missing: without it the workers would pace waiting rooms of their own, where nobody waits",
    ]);
    expect(errorsOf({ NATS_URL: "nats://localhost", NATS_TLS_CERT: "cert.pem" })).toEqual([
      "NATS_TLS_KEY is missing beside NATS_TLS_CERT",
    ]);
  });

  test("half of the admin's credentials", () => {
    expect(errorsOf({ ADMIN_EMAIL: "a@b.example" })).toEqual(["ADMIN_PASSWORD is missing beside ADMIN_EMAIL"]);
    expect(errorsOf({ ADMIN_PASSWORD: "a long password" })).toEqual(["ADMIN_EMAIL is missing beside ADMIN_PASSWORD"]);
  });

  test("one port for two servers, but not a free one for each", () => {
    expect(errorsOf({ PORT: "3001" })).toEqual(["SANDBOX_PORT is PORT as well"]);
    expect(errorsOf({ PORT: "0", SANDBOX_PORT: "0" })).toEqual([]);
    expect(errorsOf({ ...PRODUCTION, PORT: "3001" })).toEqual([]);
  });

  test.each([
    ["HOLD_TTL", "HOLD_TTL_MS"],
    ["HOLD_TTL_MSEC", "HOLD_TTL_MS"],
    ["SEAT_PER_MEMBER", "SEATS_PER_MEMBER"],
    ["TRUSTED_PROXY", "TRUSTED_PROXIES"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["SMTP_URI", "SMTP_URL"],
    ["ADMIN_MAIL", "ADMIN_EMAIL"],
  ])("%s, and asks whether %s was meant", (given, meant) => {
    expect(errorsOf({ [given]: "1" })).toEqual([`${given} is not a setting: did you mean ${meant}?`]);
  });

  test("a secret without repeating it", () => {
    const errors = errorsOf({ NUMBER_KEY: "hunter2", PAYMENT_WEBHOOK_SECRET: "hunter2", PAYMENT_API_KEY: "hunter2" });
    expect(errors).toHaveLength(3);
    expect(errors.join()).not.toContain("hunter2");
  });
});

describe("production", () => {
  test("starts with all its secrets, without a sandbox", () => {
    const config = configOf(PRODUCTION);
    expect(config).toMatchObject({ isProduction: true, sandbox: null, publicUrl: "https://pigonair.example" });
    expect(Object.values(config.secrets)).not.toContain(null);
  });

  test("names each thing that is missing", () => {
    const missing = Object.keys(PRODUCTION).filter((name) => name !== "NODE_ENV");
    const errors = errorsOf({ NODE_ENV: "production" });
    expect(errors.map((error) => error.split(" ")[0] ?? "").sort((a, b) => (a < b ? -1 : 1))).toEqual(
      missing.sort((a, b) => (a < b ? -1 : 1)),
    );
    expect(errors[0]).toEndWith("is missing: production needs it");
  });

  test.each([
    ["ADDRESS_LIMITS", "off", "ADDRESS_LIMITS can't be off in production"],
    ["SANDBOX", "on", "SANDBOX can't be on in production"],
  ])("refuses %s=%s", (name, value, error) => {
    expect(errorsOf({ ...PRODUCTION, [name]: value })).toEqual([error]);
  });
});

describe("documentation", () => {
  test("the README has the table of settings as it is", async () => {
    expect(await Bun.file(join(import.meta.dir, "../README.md")).text()).toContain(settingsTable());
  });

  test("--help names every setting of the table", () => {
    const names = Array.from(settingsTable().matchAll(/^\| `([A-Z_]+)` /gm), ([, name]) => name ?? "");
    expect(names.length).toBeGreaterThan(30);
    const help = settingsHelp().split("\n");
    expect(help.map((line) => line.trim().split(" ")[0] ?? "")).toEqual(names);
    expect(settingsHelp()).not.toContain("`");
  });
});
