/** Owns the settings: one table of names, defaults, bounds and meanings, read from the environment once, at the start. */

import { join } from "node:path";
import { DEFAULT_RULES, type Rules } from "./actors/domain/rules.ts";
import { DEFAULT_LIMITS, type HostLimits } from "./actors/limits.ts";
import { readTrustedProxies } from "./http/plugins/client-address.ts";
import { LOG_LEVELS } from "./http/telemetry/json-log.ts";

/** What a value is not. */
class Refused {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

interface Setting<Value> {
  /** The value when it isn't given, for people, as Markdown. */
  readonly initial: string;
  /** Markdown. */
  readonly description: string;
  /** @param text null when it isn't given: an empty variable counts as none */
  readonly read: (text: string | null) => Value | Refused;
}

function code(value: string): string {
  return `\`${value}\``;
}

function wholeNumber(initial: number, min: number, max: number, description: string): Setting<number> {
  return {
    initial: code(String(initial)),
    description: `${description} From ${min} to ${max}.`,
    read(text) {
      if (text === null) return initial;
      const value = Number(text);
      const isIn = /^\d{1,15}$/.test(text) && value >= min && value <= max;
      return isIn ? value : new Refused(`must be a whole number from ${min} to ${max}`);
    },
  };
}

function oneOf<const Value extends string>(values: readonly Value[], initial: Value, description: string) {
  return {
    initial: code(initial),
    description: `${description} One of ${values.map(code).join(", ")}.`,
    read: (text: string | null): Value | Refused =>
      text === null
        ? initial
        : (values.find((value) => value === text) ?? new Refused(`must be one of ${values.join(", ")}`)),
  };
}

interface TextForm {
  readonly form: RegExp;
  /** What the text must be, as the end of a sentence. */
  readonly wanted: string;
}

const ANY_TEXT: TextForm = { form: /^[^\p{Cc}]+$/u, wanted: "one line of text" };

function text(initial: string, description: string, { form, wanted }: TextForm = ANY_TEXT): Setting<string> {
  return {
    initial: initial === "" ? "none" : code(initial),
    description,
    read: (given) => (given === null ? initial : form.test(given) ? given : new Refused(`must be ${wanted}`)),
  };
}

/** What may be left out, and is null then. */
function optional<Value>(
  description: string,
  initial: string,
  read: (text: string) => Value | Refused,
): Setting<Value | null> {
  return { initial, description, read: (given) => (given === null ? null : read(given)) };
}

function optionalText(
  description: string,
  { form, wanted }: TextForm = ANY_TEXT,
  initial = "none",
): Setting<string | null> {
  return optional(description, initial, (given) => (form.test(given) ? given : new Refused(`must be ${wanted}`)));
}

const SECRET_INITIAL = "made and kept in `DATA_DIR`; none in production";
const KEY_BYTES_MIN = 32;

function secretKey(description: string): Setting<Uint8Array | null> {
  return optional(
    `${description} At least ${KEY_BYTES_MIN} bytes as base64: \`openssl rand -base64 32\`.`,
    SECRET_INITIAL,
    (given) => {
      const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(given) ? Buffer.from(given, "base64") : Buffer.alloc(0);
      return bytes.length >= KEY_BYTES_MIN
        ? new Uint8Array(bytes)
        : new Refused(`must be at least ${KEY_BYTES_MIN} bytes as base64 (openssl rand -base64 32)`);
    },
  );
}

const HTTP_ORIGIN: TextForm = {
  form: /^https?:\/\/[^/?#\s]+$/,
  wanted: "an http or https address without a path, as https://pigonair.example",
};
const WEBHOOK_SECRET: TextForm = {
  form: /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
  wanted: "`whsec_` and the base64 of at least 24 bytes, as Standard Webhooks writes it",
};

const SETTINGS = {
  NODE_ENV: oneOf(
    ["development", "production", "test"],
    "development",
    "In production, secrets must be given and nothing is a sandbox.",
  ),
  ROLE: oneOf(["all", "edge", "actors", "workers"], "all", "What this process does; `all` is the only one so far."),
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
  DATABASE_URL: optional("`sqlite:PATH`.", "`sqlite:DATA_DIR/pigonair.sqlite`", databaseFile),
  LOG_LEVEL: oneOf(LOG_LEVELS, "info", "What is logged, as one JSON object a line."),
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

  BODY_BYTES_MAX: wholeNumber(65_536, 1_024, 1_048_576, "The longest body of a request."),
  REQUEST_TIMEOUT_MS: wholeNumber(15_000, 1_000, 120_000, "How long a request may take."),
  MAILBOX_MAX: wholeNumber(DEFAULT_LIMITS.mailboxMax, 1, 1_000_000, "Commands that may wait for a flight."),
  HOST_MAIL_MAX: wholeNumber(DEFAULT_LIMITS.hostMailMax, 1, 10_000_000, "Commands that may wait in all."),
  BATCH_MAX: wholeNumber(DEFAULT_LIMITS.batchMax, 1, 4_096, "Commands in one transaction."),
  IDLE_FLIGHTS_MAX: wholeNumber(DEFAULT_LIMITS.idleFlightsMax, 0, 1_000_000, "Idle flights that stay in memory."),
  IDLE_MS: wholeNumber(DEFAULT_LIMITS.idleMs, 0, 86_400_000, "How long an idle flight stays in memory."),
  RETRY_PAUSE_MS_MAX: wholeNumber(DEFAULT_LIMITS.retryPauseMsMax, 1, 60_000, "Longest pause before a batch is resent."),
  KEYS_PER_MEMBER: wholeNumber(DEFAULT_RULES.keysPerMember, 1, 100_000, "Idempotency keys of a member in a flight."),
  KEYS_PER_FLIGHT: wholeNumber(DEFAULT_RULES.keysPerFlight, 1, 10_000_000, "Idempotency keys of a flight."),
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
    { form: /^smtps?:\/\/\S+$/, wanted: "an smtp:// or smtps:// address" },
    "mails become files in `DATA_DIR/mail`",
  ),
  MAIL_FROM: text("PigonAir <tickets@pigonair.example>", "Sender of mails."),

  TOKEN_SIGNING_KEY: optionalText(
    "Ed25519 private key that signs access tokens: PEM, JWK or JWK set; the first signs.",
    { form: /^\s*(?:\{|-----BEGIN)/, wanted: "a private key as PEM, JWK or JWK set" },
    SECRET_INITIAL,
  ),
  NUMBER_KEY: secretKey("Shuffles record locators and ticket numbers; it must never change."),
  PERSON_KEY: secretKey("Recognises a passenger without keeping who it is."),
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

export interface SettingError {
  readonly setting: string;
  readonly problem: string;
}

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly SettingError[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration, or everything that is wrong with it at once. Values of secrets are never repeated. */
export function readConfig(env: Environment): ConfigReading {
  const errors: SettingError[] = misspelt(env);
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
  const isProduction = NODE_ENV === "production";
  const proxies = values.TRUSTED_PROXIES === undefined ? null : wrongProxies(values.TRUSTED_PROXIES);
  const isOnePort = PORT === SANDBOX_PORT && PORT !== 0 && PORT !== undefined;
  const rules: readonly (readonly [isBroken: boolean, setting: Name, problem: string])[] = [
    [
      ROLE !== undefined && ROLE !== "all",
      "ROLE",
      `${ROLE} alone needs a cluster, which this version can't form: leave it at all`,
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

function runsSandbox({ SANDBOX, NODE_ENV, PAYMENT_URL }: Partial<Values>): boolean {
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

function databaseFile(url: string): string | Refused {
  if (/^(?:mysql|mariadb):/.test(url))
    return new Refused("mysql:// is not supported yet: leave it out for SQLite, or give sqlite:PATH");
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (path === "" || path.startsWith("//")) return new Refused("must be sqlite:PATH");
  if (path === ":memory:") return new Refused("must be a file: a sale in memory would lose what it acknowledged");
  return path;
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
    mailboxMax: values.MAILBOX_MAX,
    hostMailMax: values.HOST_MAIL_MAX,
    batchMax: values.BATCH_MAX,
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
    databaseFile: values.DATABASE_URL ?? join(dataDir, "pigonair.sqlite"),
    logLevel: values.LOG_LEVEL,
    trustedProxies: readTrustedProxies(values.TRUSTED_PROXIES),
    addressLimits: values.ADDRESS_LIMITS === "on",
    /** Null: there is no operator's account to ensure. */
    admin: email === null || password === null ? null : { email, password },
    rules,
    limits,
    airlineCode: values.AIRLINE_CODE,
    bodyBytesMax: values.BODY_BYTES_MAX,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    loginHashesMax: values.LOGIN_HASHES_MAX,
    loginLineMax: values.LOGIN_LINE_MAX,
    /** Null: it doesn't run. */
    sandbox: runsSandbox(values) ? { port: values.SANDBOX_PORT } : null,
    /** Null: the sandbox beside. */
    paymentUrl: values.PAYMENT_URL,
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

/** Variables that are none of ours, but nearly: whoever set them meant a setting, and would never learn that it does nothing. */
function misspelt(env: Environment): SettingError[] {
  return Object.keys(env)
    .filter((given) => env[given] && !(given in SETTINGS))
    .flatMap((given) => {
      const meant = NAMES.find((name) => isNearly(given, name));
      return meant === undefined ? [] : [{ setting: given, problem: `is not a setting: did you mean ${meant}?` }];
    });
}

/** Short names are like too many others in an environment. The first words of a name, without its last, count as nearly it. */
function isNearly(given: string, name: string): boolean {
  if (given.includes("_") && name.startsWith(`${given}_`)) return true;
  const { length } = name;
  const editsMax = length >= 14 ? 3 : length >= 9 ? 2 : length >= 6 ? 1 : 0;
  return edits(given, name, editsMax) <= editsMax;
}

/** Levenshtein's distance; more than `max` is only known to be more. */
function edits(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
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
