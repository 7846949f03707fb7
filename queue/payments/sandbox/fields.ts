/** Owns the checking of what comes in: every field that is wrong is named, and unknown ones are refused. */

/** Why a value is refused. */
class Wrong {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Gives the value, or why it is refused; undefined leaves the field out. */
export type Check<T> = (value: unknown) => T | undefined | Wrong;

/** One check for each field of T. */
export type Checks<T> = { readonly [K in keyof T]-?: Check<T[K]> };

export interface FieldError {
  readonly field: string;
  readonly reason: string;
}

export type Fields<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: FieldError[] };

/** Reads an object with exactly the fields that `checks` names. */
export function readFields<T extends object>(input: unknown, checks: Checks<T>): Fields<T> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { ok: false, errors: [{ field: "", reason: "must be an object" }] };
  }
  const given = new Map<string, unknown>(Object.entries(input));
  const errors: FieldError[] = [];
  const value: Partial<T> = {};
  for (const field in checks) {
    const checked = checks[field](given.get(field));
    given.delete(field);
    if (checked instanceof Wrong) errors.push({ field, reason: checked.reason });
    else if (checked !== undefined) value[field] = checked;
  }
  for (const field of given.keys()) errors.push({ field: field.slice(0, 64), reason: "is not known here" });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: value as T };
}

export function text(pattern: RegExp, what: string): Check<string> {
  return (value) => (typeof value === "string" && pattern.test(value) ? value : new Wrong(`must be ${what}`));
}

export function integer(max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max
      ? value
      : new Wrong(`must be an integer from 0 to ${max}`);
}

export function oneOf<T extends string>(...allowed: readonly T[]): Check<T> {
  return (value) => allowed.find((each) => each === value) ?? new Wrong(`must be one of: ${allowed.join(" ")}`);
}

export function optional<T>(check: Check<T>): Check<T> {
  return (value) => (value === undefined ? undefined : check(value));
}

/** An object inside; the errors of its fields are told as one. */
export function nested<T extends object>(checks: Checks<T>): Check<T> {
  return (value) => {
    const fields = readFields<T>(value, checks);
    if (fields.ok) return fields.value;
    return new Wrong(fields.errors.map(({ field, reason }) => `${field} ${reason}`.trim()).join("; "));
  };
}
