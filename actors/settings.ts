/** Owns the kinds of settings: how a text from the environment becomes a bounded value, or is refused with what it must be. */

/** What a value is not. */
export class Refused {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

export interface Setting<Value> {
  /** The value when it isn't given, for people, as Markdown. */
  readonly initial: string;
  /** Markdown. */
  readonly description: string;
  /** @param text null when it isn't given: an empty variable counts as none */
  readonly read: (text: string | null) => Value | Refused;
}

export function code(value: string): string {
  return `\`${value}\``;
}

export function wholeNumber(initial: number, min: number, max: number, description: string): Setting<number> {
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

export function oneOf<const Value extends string>(values: readonly Value[], initial: Value, description: string) {
  return {
    initial: code(initial),
    description: `${description} One of ${values.map(code).join(", ")}.`,
    read: (text: string | null): Value | Refused =>
      text === null
        ? initial
        : (values.find((value) => value === text) ?? new Refused(`must be one of ${values.join(", ")}`)),
  };
}

export interface TextForm {
  readonly form: Pick<RegExp, "test">;
  /** What the text must be, as the end of a sentence. */
  readonly wanted: string;
}

const ANY_TEXT: TextForm = { form: /^[^\p{Cc}]+$/u, wanted: "one line of text" };

/** Signs that end the name or the password in an address, unless they are written so. */
const ESCAPED = "in a name or password, # % / : @ are written %23 %25 %2F %3A %40";

/**
 * An address that can be taken apart as well: whoever connects does that, and knows no setting to name.
 * @param separator of several; none: it is one
 */
export function address(form: RegExp, wanted: string, separator?: string): TextForm {
  const all = (given: string) => (separator === undefined ? [given] : given.split(separator));
  return { form: { test: (given) => form.test(given) && all(given).every(canBeTakenApart) }, wanted };
}

/** The same with a name and a password in it. */
export function addressWithUser(form: RegExp, wanted: string, separator?: string): TextForm {
  return address(form, `${wanted}; ${ESCAPED}`, separator);
}

export const HTTP_ORIGIN = address(
  /^https?:\/\/[^/?#\s]+$/,
  "an http or https address without a path, as https://pigonair.example",
);

function canBeTakenApart(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && url.hostname !== "" && canBeDecoded(`${url.username} ${url.password}`);
}

/** Pairs as OpenTelemetry writes them. */
export const PAIRS: TextForm = {
  form: {
    test: (given) => /^\s*[^=,\s]+\s*=[^,\p{Cc}]*(?:,\s*[^=,\s]+\s*=[^,\p{Cc}]*)*$/u.test(given) && canBeDecoded(given),
  },
  wanted: "name=value, by commas; in a value, % and comma are written %25 and %2C",
};

function canBeDecoded(given: string): boolean {
  try {
    decodeURIComponent(given);
    return true;
  } catch {
    return false;
  }
}

export function text(initial: string, description: string, { form, wanted }: TextForm = ANY_TEXT): Setting<string> {
  return {
    initial: initial === "" ? "none" : code(initial),
    description,
    read: (given) => (given === null ? initial : form.test(given) ? given : new Refused(`must be ${wanted}`)),
  };
}

/** What may be left out, and is null then. */
export function optional<Value>(
  description: string,
  initial: string,
  read: (text: string) => Value | Refused,
): Setting<Value | null> {
  return { initial, description, read: (given) => (given === null ? null : read(given)) };
}

export function optionalText(
  description: string,
  { form, wanted }: TextForm = ANY_TEXT,
  initial = "none",
): Setting<string | null> {
  return optional(description, initial, (given) => (form.test(given) ? given : new Refused(`must be ${wanted}`)));
}

export const SECRET_INITIAL = "made and kept in `DATA_DIR`; none in production";
const KEY_BYTES_MIN = 32;

export function secretKey(description: string, initial = SECRET_INITIAL): Setting<Uint8Array | null> {
  return optional(
    `${description} At least ${KEY_BYTES_MIN} bytes as base64: \`openssl rand -base64 32\`.`,
    initial,
    (given) => {
      const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(given) ? Buffer.from(given, "base64") : Buffer.alloc(0);
      return bytes.length >= KEY_BYTES_MIN
        ? new Uint8Array(bytes)
        : new Refused(`must be at least ${KEY_BYTES_MIN} bytes as base64 (openssl rand -base64 32)`);
    },
  );
}

export const WEBHOOK_SECRET: TextForm = {
  form: /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
  wanted: "`whsec_` and the base64 of at least 24 bytes, as Standard Webhooks writes it",
};

/**
 * What only its use can show: that a setting which reads well is of no use all the same.
 * @throws Error that says of which, before what went wrong
 */
export function usedAs<Result>(setting: string, use: () => Result): Result {
  try {
    return use();
  } catch (cause) {
    throw new Error(`${setting} can't be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** One of the errors of a reading. */
export interface SettingError {
  readonly setting: string;
  readonly problem: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Nearly ours, and meant for somebody else: where a pod's node is, as agents for traces and metrics ask for it. */
const OTHERS: ReadonlySet<string> = new Set(["HOST_IP"]);

/** Variables that are none of ours, but nearly: whoever set them meant a setting, and would never learn that it does nothing. */
export function misspelt(env: Environment, names: readonly string[]): SettingError[] {
  return Object.keys(env)
    .filter((given) => env[given] && !names.includes(given) && !OTHERS.has(given))
    .flatMap((given) => {
      const meant = names.find((name) => isNearly(given, name));
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
