/** Owns the settings: one table of names, defaults, bounds and meanings, read from the environment once, at the start. */

import { join } from "node:path";
import { DEFAULT_RULES, type Rules } from "./actors/domain/rules.ts";
import { DEFAULT_LIMITS, type HostLimits } from "./actors/limits.ts";
import {
  addressWithUser,
  code,
  type Environment,
  HTTP_ORIGIN,
  misspelt,
  oneOf,
  optional,
  optionalText,
  Refused,
  SECRET_INITIAL,
  type Setting,
  type SettingError,
  secretKey,
  text,
  WEBHOOK_SECRET,
  wholeNumber,
} from "./actors/settings.ts";
import { VERIFIED_TOKENS_MAX } from "./http/accounts/access-tokens.ts";
import { readTrustedProxies } from "./http/plugins/client-address.ts";
import { LOG_LEVELS, type LogSettings, readLogSettings } from "./http/telemetry/json-log.ts";
import { TRACE_SETTINGS, traceSettingsOf } from "./http/telemetry/otel/trace-settings.ts";
import { SENDER_FORM } from "./queue/mail/mailer.ts";
import { BEACON_FORM, QUICKNET } from "./queue/room/beacon/open-beacon.ts";

const MYSQL = addressWithUser(
  /^(?:mysql|mariadb):\/\/[^@/\s]+(?:@[^@/\s]+)?\/[A-Za-z0-9_-]+$/,
  "mysql://user:password@host:port/database",
);

const SETTINGS = {
  NODE_ENV: oneOf(
    ["development", "production", "test"],
    "development",
    "In production, secrets must be given and nothing is a sandbox.",
  ),
  ROLE: oneOf(
    ["all", "edge", "actors", "workers"],
    "all",
    "What this process does: `edge` answers HTTP, `actors` own flights, `workers` follow the journal; apart they need `NATS_URL` and `mysql://`.",
  ),
  DRAIN_MS: wholeNumber(
    0,
    0,
    60_000,
    "How long a stopping edge still takes requests, so that whoever passes them on learns that it goes.",
  ),
  HOST_ID: optionalText(
    "What operators call this process.",
    { form: /^[A-Za-z0-9_.-]{1,64}$/, wanted: "1 to 64 letters, digits, dots and hyphens" },
    "the name of the machine",
  ),
  HOST_WEIGHT: wholeNumber(1, 1, 100, "Share of the flights that `actors` own, against the other processes'."),
  HOST: text("127.0.0.1", "Address to listen at; `0.0.0.0` for all.", {
    form: /^[A-Za-z0-9.:-]+$/,
    wanted: "a host name or an IP address",
  }),
  PORT: wholeNumber(3000, 0, 65_535, "Port of the API; 0 takes a free one."),
  PUBLIC_URL: optionalText(
    "Where clients find the API; links in mails are made of it.",
    HTTP_ORIGIN,
    "`http://HOST:PORT`",
  ),
  DATA_DIR: text("data", "Directory of the database, of mails, and of secrets in development."),
  DATABASE_URL: optional(
    "`sqlite:PATH`, or `mysql://user:password@host/database` (MySQL 8, MariaDB 10.6).",
    "`sqlite:DATA_DIR/pigonair.sqlite`",
    databaseOf,
  ),
  DATABASE_TLS_CA: optionalText("File of the certificates that the database is verified with; with it, TLS is a must."),
  NATS_URL: optionalText(
    "NATS servers, by commas: `nats://user:password@host:4222`.",
    addressWithUser(
      /^(?:nats|tls):\/\/[^\s,/]+(?:,(?:nats|tls):\/\/[^\s,/]+)*$/,
      "nats:// or tls:// addresses, by commas",
      ",",
    ),
    "a bus within the process",
  ),
  NATS_TLS_CA: optionalText("File of the certificates that NATS is verified with; with it, TLS is a must."),
  NATS_TLS_CERT: optionalText("File of the certificate that NATS knows this process by, with `NATS_TLS_KEY`."),
  NATS_TLS_KEY: optionalText("File of its private key."),
  EVENTS: oneOf(
    ["on", "off"],
    "on",
    "Whether workers publish what happens to the JetStream stream `PIGONAIR_EVENTS`, where there is NATS.",
  ),
  REDIS_URL: optionalText(
    "Redis, as `redis://user:password@host:6379`; `rediss://` for TLS.",
    addressWithUser(/^rediss?:\/\/\S+$/, "a redis:// or rediss:// address"),
    "waiting rooms, limits and revocations within the process",
  ),
  REDIS_TLS_CA: optionalText("File of the certificates that Redis is verified with."),
  LOG_LEVEL: {
    initial: "`info`",
    description: `What is logged, as one JSON object a line: ${LOG_LEVELS.map(code).join(", ")}; for parts of the program apart as \`info,lane=debug,http=warn\`.`,
    read: (given) => readLogSettings(given ?? "info"),
  } satisfies Setting<LogSettings>,
  ...TRACE_SETTINGS,
  TRUSTED_PROXIES: text("", "Addresses and blocks (`10.0.0.0/8`), by commas, whose `X-Forwarded-For` counts."),
  ADDRESS_LIMITS: oneOf(
    ["on", "off"],
    "on",
    "Limits of attempts by address; `off` is for load tests from one address, and refused in production.",
  ),
  ADMIN_EMAIL: optionalText("With `ADMIN_PASSWORD`: the operator's account, made at the start."),
  ADMIN_PASSWORD: optionalText("Its password."),

  HOLD_TTL_MS: wholeNumber(DEFAULT_RULES.holdTtlMs, 100, 86_400_000, "How long a hold lasts."),
  PAYMENT_TTL_MS: wholeNumber(DEFAULT_RULES.paymentTtlMs, 100, 86_400_000, "How long an attempt to pay may stay open."),
  SEATS_PER_MEMBER: wholeNumber(DEFAULT_RULES.seatsPerMember, 1, 1_000_000, "Seats of a member in a flight."),
  AIRLINE_CODE: text("990", "Accounting code of the airline: the first three digits of ticket numbers.", {
    form: /^\d{3}$/,
    wanted: "three digits",
  }),

  ROOM_BEACON: text(
    "none",
    "Public randomness that the draws of waiting rooms are bound to, beside their own seed: `none`, `file:PATH`, or an address with `{round}` at its end, as drand's.",
    { form: BEACON_FORM, wanted: "none, file:PATH, or an address that ends with {round}, of up to 480 characters" },
  ),
  ROOM_BEACON_GENESIS_S: wholeNumber(
    QUICKNET.genesisS,
    0,
    9_999_999_999,
    "When the beacon's first round was, in seconds since 1970; drand's quicknet without it.",
  ),
  ROOM_BEACON_PERIOD_S: wholeNumber(QUICKNET.periodS, 1, 3_600, "How far its rounds are apart, in seconds."),

  BODY_BYTES_MAX: wholeNumber(65_536, 1_024, 1_048_576, "The longest body of a request."),
  REQUEST_TIMEOUT_MS: wholeNumber(15_000, 1_000, 120_000, "How long a request may take."),
  MAILBOX_MAX: wholeNumber(DEFAULT_LIMITS.mailboxMax, 1, 1_000_000, "Commands that may wait for a flight."),
  HOST_MAIL_MAX: wholeNumber(DEFAULT_LIMITS.hostMailMax, 1, 10_000_000, "Commands that may wait in all."),
  BATCH_MAX: wholeNumber(DEFAULT_LIMITS.batchMax, 1, 4_096, "Commands in one transaction."),
  BATCH_ENDED_ROWS_MAX: wholeNumber(
    DEFAULT_LIMITS.batchEndedRowsMax,
    1,
    100_000,
    "Rows of one transaction that tell of holds that are over, so that others need not wait for them.",
  ),
  IDLE_FLIGHTS_MAX: wholeNumber(DEFAULT_LIMITS.idleFlightsMax, 0, 1_000_000, "Idle flights that stay in memory."),
  IDLE_MS: wholeNumber(DEFAULT_LIMITS.idleMs, 0, 86_400_000, "How long an idle flight stays in memory."),
  RETRY_PAUSE_MS_MAX: wholeNumber(DEFAULT_LIMITS.retryPauseMsMax, 1, 60_000, "Longest pause before a batch is resent."),
  KEYS_PER_MEMBER: wholeNumber(DEFAULT_RULES.keysPerMember, 1, 100_000, "Idempotency keys of a member in a flight."),
  KEYS_PER_FLIGHT: wholeNumber(DEFAULT_RULES.keysPerFlight, 1, 10_000_000, "Keys of a flight; holds get 7/8 of them."),
  VERIFIED_TOKENS_MAX: wholeNumber(
    VERIFIED_TOKENS_MAX,
    0,
    10_000_000,
    "Access tokens that an edge remembers as verified, at about 1 kB each; 0: each signature is checked each time.",
  ),
  LOGIN_HASHES_MAX: wholeNumber(2, 1, 64, "Passwords hashed at once; each takes 19 MiB and a core."),
  LOGIN_LINE_MAX: wholeNumber(64, 1, 10_000, "Log-ins that may wait for a hash."),

  SANDBOX: optional(
    "Whether the sandbox payment provider runs beside the server: `on` or `off`.",
    "`on`; `off` in production, or with `PAYMENT_URL`",
    (given) => (given === "on" || given === "off" ? given : new Refused("must be one of on, off")),
  ),
  SANDBOX_PORT: wholeNumber(3001, 0, 65_535, "Port of the sandbox; 0 takes a free one."),
  PAYMENT_URL: optionalText(
    "Address of a payment provider that speaks the sandbox's API.",
    HTTP_ORIGIN,
    "the sandbox beside; none in production",
  ),
  SMTP_URL: optionalText(
    "Mail server, as `smtp://user:password@host:587`.",
    addressWithUser(/^smtps?:\/\/\S+$/, "an smtp:// or smtps:// address"),
    "mails become files in `DATA_DIR/mail`",
  ),
  MAIL_FROM: text("PigonAir <tickets@pigonair.example>", "Sender of mails.", SENDER_FORM),

  TOKEN_SIGNING_KEY: optionalText(
    "Ed25519 private key that signs access tokens: PEM, JWK or JWK set; the first signs.",
    { form: /^\s*(?:\{|-----BEGIN)/, wanted: "a private key as PEM, JWK or JWK set" },
    SECRET_INITIAL,
  ),
  NUMBER_KEY: secretKey("Shuffles record locators and ticket numbers; it must never change."),
  PERSON_KEY: secretKey("Recognises a passenger without keeping who it is."),
  ROOM_KEY: secretKey("Signs tickets and passes of waiting rooms.", "made of `NUMBER_KEY`"),
  PAYMENT_API_KEY: optionalText(
    "What the payment provider knows us by.",
    { form: /^[!-~]{16,}$/, wanted: "at least 16 visible characters" },
    SECRET_INITIAL,
  ),
  PAYMENT_WEBHOOK_SECRET: optionalText(
    "What the payment provider signs webhooks with.",
    WEBHOOK_SECRET,
    SECRET_INITIAL,
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Name = keyof typeof SETTINGS;
type Values = { readonly [Key in Name]: Exclude<ReturnType<(typeof SETTINGS)[Key]["read"]>, Refused> };

const NAMES = Object.keys(SETTINGS) as readonly Name[];

/** Without them production would make up secrets of its own, which the next machine would not know. */
const NEEDED_IN_PRODUCTION = [
  "TOKEN_SIGNING_KEY",
  "NUMBER_KEY",
  "PERSON_KEY",
  "PAYMENT_URL",
  "PAYMENT_API_KEY",
  "PAYMENT_WEBHOOK_SECRET",
  "PUBLIC_URL",
] as const satisfies readonly Name[];

export type Config = ReturnType<typeof configOf>;

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly SettingError[] };

/** The configuration, or everything that is wrong with it at once. Values of secrets are never repeated. */
export function readConfig(env: Environment): ConfigReading {
  const errors: SettingError[] = misspelt(env, NAMES);
  const values: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = SETTINGS[name].read(env[name] || null);
    if (value instanceof Refused) errors.push({ setting: name, problem: value.why });
    else values[name] = value;
  }
  errors.push(...contradictions(values as Partial<Values>));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, config: configOf(values as Values) };
}

/** What is wrong with settings that are each right; those that were refused already are missing here. */
function contradictions(values: Partial<Values>): SettingError[] {
  const { NODE_ENV, ROLE, ADMIN_EMAIL, ADMIN_PASSWORD, PORT, SANDBOX_PORT, SANDBOX, PAYMENT_URL } = values;
  const isPart = ROLE !== undefined && ROLE !== "all";
  const isFile = values.DATABASE_URL === null || values.DATABASE_URL?.kind === "sqlite";
  const isProduction = NODE_ENV === "production";
  const proxies = values.TRUSTED_PROXIES === undefined ? null : wrongProxies(values.TRUSTED_PROXIES);
  const isOnePort = PORT === SANDBOX_PORT && PORT !== 0 && PORT !== undefined;
  const rules: readonly (readonly [isBroken: boolean, setting: Name, problem: string])[] = [
    [isPart && values.NATS_URL === null, "NATS_URL", `is missing: ${ROLE} alone reaches the other processes by NATS`],
    [
      isPart && isFile,
      "DATABASE_URL",
      `must be mysql://… for ${ROLE} alone: a SQLite file is for one process, and the others could not see it`,
    ],
    [
      ROLE === "edge" && values.REDIS_URL === null,
      "REDIS_URL",
      "is missing: without it each edge would have a waiting room, limits and revoked sessions of its own",
    ],
    [
      ROLE === "workers" && values.REDIS_URL === null,
      "REDIS_URL",
      "is missing: without it the workers would pace waiting rooms of their own, where nobody waits",
    ],
    [
      typeof values.NATS_TLS_KEY === "string" && values.NATS_TLS_CERT === null,
      "NATS_TLS_CERT",
      "is missing beside NATS_TLS_KEY",
    ],
    [
      typeof values.NATS_TLS_CERT === "string" && values.NATS_TLS_KEY === null,
      "NATS_TLS_KEY",
      "is missing beside NATS_TLS_CERT",
    ],
    [ADMIN_EMAIL === null && typeof ADMIN_PASSWORD === "string", "ADMIN_EMAIL", "is missing beside ADMIN_PASSWORD"],
    [ADMIN_PASSWORD === null && typeof ADMIN_EMAIL === "string", "ADMIN_PASSWORD", "is missing beside ADMIN_EMAIL"],
    [proxies !== null, "TRUSTED_PROXIES", proxies ?? ""],
    [
      SANDBOX === "off" && PAYMENT_URL === null && !isProduction,
      "PAYMENT_URL",
      "is missing: without the sandbox nobody takes payments",
    ],
    [isOnePort && runsSandbox(values), "SANDBOX_PORT", "is PORT as well"],
    ...NEEDED_IN_PRODUCTION.map(
      (name) => [isProduction && values[name] === null, name, "is missing: production needs it"] as const,
    ),
    [isProduction && values.ADDRESS_LIMITS === "off", "ADDRESS_LIMITS", "can't be off in production"],
    [isProduction && SANDBOX === "on", "SANDBOX", "can't be on in production"],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, setting, problem]) => ({ setting, problem }));
}

/** One sandbox is enough for all processes: it runs beside the workers. */
function runsSandbox({ SANDBOX, NODE_ENV, PAYMENT_URL, ROLE }: Partial<Values>): boolean {
  if (ROLE === "edge" || ROLE === "actors") return false;
  return SANDBOX === null ? NODE_ENV !== "production" && PAYMENT_URL === null : SANDBOX === "on";
}

function wrongProxies(given: string): string | null {
  try {
    readTrustedProxies(given);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

type DatabaseUrl =
  | { readonly kind: "sqlite"; readonly file: string }
  | { readonly kind: "mysql"; readonly url: string };

function databaseOf(url: string): DatabaseUrl | Refused {
  if (/^(?:mysql|mariadb):/.test(url)) {
    return MYSQL.form.test(url) ? { kind: "mysql", url } : new Refused(`must be ${MYSQL.wanted}`);
  }
  const file = url.startsWith("sqlite:") ? url.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (file === "" || file.startsWith("//")) return new Refused("must be sqlite:PATH or mysql://…");
  if (file === ":memory:") return new Refused("must be a file: a sale in memory would lose what it acknowledged");
  return { kind: "sqlite", file };
}

function natsTls({ NATS_TLS_CA: ca, NATS_TLS_CERT: cert, NATS_TLS_KEY: key }: Values) {
  if (ca === null && cert === null) return {};
  return { tls: { ...(ca === null ? {} : { ca }), ...(cert === null || key === null ? {} : { cert, key }) } };
}

function configOf(values: Values) {
  const isProduction = values.NODE_ENV === "production";
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password, DATA_DIR: dataDir } = values;
  const rules: Rules = {
    holdTtlMs: values.HOLD_TTL_MS,
    paymentTtlMs: values.PAYMENT_TTL_MS,
    seatsPerMember: values.SEATS_PER_MEMBER,
    keysPerMember: values.KEYS_PER_MEMBER,
    keysPerFlight: values.KEYS_PER_FLIGHT,
  };
  const limits: HostLimits = {
    ...DEFAULT_LIMITS,
    mailboxMax: values.MAILBOX_MAX,
    hostMailMax: values.HOST_MAIL_MAX,
    batchMax: values.BATCH_MAX,
    batchEndedRowsMax: values.BATCH_ENDED_ROWS_MAX,
    idleFlightsMax: values.IDLE_FLIGHTS_MAX,
    idleMs: values.IDLE_MS,
    retryPauseMsMax: values.RETRY_PAUSE_MS_MAX,
  };
  return {
    isProduction,
    host: values.HOST,
    port: values.PORT,
    /** Without a slash at the end; null: where the server listens. */
    publicUrl: values.PUBLIC_URL,
    dataDir,
    role: values.ROLE,
    drainMs: values.DRAIN_MS,
    /** Null: the name of the machine. */
    hostId: values.HOST_ID,
    hostWeight: values.HOST_WEIGHT,
    database:
      values.DATABASE_URL?.kind === "mysql"
        ? { ...values.DATABASE_URL, tlsCa: values.DATABASE_TLS_CA }
        : { kind: "sqlite" as const, file: values.DATABASE_URL?.file ?? join(dataDir, "pigonair.sqlite") },
    /** Null: the bus is within the process. */
    nats: values.NATS_URL === null ? null : { url: values.NATS_URL, ...natsTls(values) },
    publishesEvents: values.EVENTS === "on",
    /** Null: waiting rooms, limits and revocations are within the process. */
    redis: values.REDIS_URL === null ? null : { url: values.REDIS_URL, ca: values.REDIS_TLS_CA },
    logLevel: values.LOG_LEVEL,
    /** Null: nobody collects traces. */
    traces: traceSettingsOf(values, { "pigonair.role": values.ROLE }),
    trustedProxies: readTrustedProxies(values.TRUSTED_PROXIES),
    addressLimits: values.ADDRESS_LIMITS === "on",
    /** Null: there is no operator's account to ensure. */
    admin: email === null || password === null ? null : { email, password },
    rules,
    limits,
    airlineCode: values.AIRLINE_CODE,
    /** Null: it is made of the number key. */
    roomKey: values.ROOM_KEY,
    beacon: {
      source: values.ROOM_BEACON,
      genesisS: values.ROOM_BEACON_GENESIS_S,
      periodS: values.ROOM_BEACON_PERIOD_S,
    },
    /** No settings, since nobody wants them off: a bench turns one off at a time, to see what it gains. */
    techniques: { gathersByTick: true, sharesReads: true, commitsAtOnce: true },
    bodyBytesMax: values.BODY_BYTES_MAX,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    verifiedTokensMax: values.VERIFIED_TOKENS_MAX,
    loginHashesMax: values.LOGIN_HASHES_MAX,
    loginLineMax: values.LOGIN_LINE_MAX,
    /** Null: it doesn't run. */
    sandbox: runsSandbox(values) ? { port: values.SANDBOX_PORT } : null,
    /** Null: the sandbox beside. An edge finds that of the workers where it is by default. */
    paymentUrl:
      values.PAYMENT_URL ??
      (values.ROLE === "edge" && !isProduction ? `http://127.0.0.1:${values.SANDBOX_PORT}` : null),
    /** Null: mails become files. */
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    /** Each null if it isn't given: then db/secrets.ts makes and keeps it, or accounts do. In production none is null. */
    secrets: {
      tokenSigningKey: values.TOKEN_SIGNING_KEY,
      numberKey: values.NUMBER_KEY,
      personKey: values.PERSON_KEY,
      paymentApiKey: values.PAYMENT_API_KEY,
      paymentWebhookSecret: values.PAYMENT_WEBHOOK_SECRET,
    },
  };
}

/** The settings as a Markdown table: README.md has it, and a test compares. */
export function settingsTable(): string {
  const rows = NAMES.map((name) => `| ${code(name)} | ${SETTINGS[name].initial} | ${SETTINGS[name].description} |`);
  return ["| Setting | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
}

/** What `--help` prints of the settings, for a terminal. */
export function settingsHelp(): string {
  const width = Math.max(...NAMES.map((name) => name.length));
  return NAMES.map((name) => {
    const { initial, description } = SETTINGS[name];
    return `  ${name.padEnd(width)}  ${description.replaceAll("`", "")} Default: ${initial.replaceAll("`", "")}.`;
  }).join("\n");
}
