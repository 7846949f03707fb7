/** Owns the schemas of what travels on the bus: each checks a value and names the field that is wrong, and documents itself, so that there is no second truth. */

/** JSON Schema, draft 7: what AsyncAPI 3 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is wrong with a value. */
export interface Fault {
  /** `passengers[0].name`; empty for the value itself. */
  readonly field: string;
  /** The end of the sentence "Expected …". */
  readonly expected: string;
}

export interface Schema<T> {
  /** The first fault, or null. Nothing is made while there is none. */
  readonly check: (value: unknown) => Fault | null;
  readonly document: JsonSchema;
  /** The mark exists for the types alone. */
  readonly carries?: T;
}

/** A member that may be missing. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}

type Member = Schema<unknown> | Optional<unknown>;
type Members = Readonly<Record<string, Member>>;
type CarriedBy<M> = M extends Schema<infer T> ? T : M extends Optional<infer T> ? T : never;
type OptionalIn<M extends Members> = {
  [K in keyof M]: M[K] extends { readonly optional: unknown } ? K : never;
}[keyof M];

export type ObjectOf<M extends Members> = {
  readonly [K in Exclude<keyof M, OptionalIn<M>>]: CarriedBy<M[K]>;
} & { readonly [K in OptionalIn<M>]?: CarriedBy<M[K]> };

export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema };
}

export interface TextOptions {
  /** Anchored at both ends. */
  readonly pattern?: RegExp;
  /** The end of the sentence "Expected …". */
  readonly expected: string;
  readonly description?: string;
  readonly examples?: readonly string[];
}

export function text<T extends string = string>({ pattern, expected, ...about }: TextOptions): Schema<T> {
  const fault: Fault = { field: "", expected };
  return {
    check: (value) => (typeof value === "string" && (pattern === undefined || pattern.test(value)) ? null : fault),
    document: { type: "string", ...(pattern === undefined ? {} : { pattern: pattern.source }), ...about },
  };
}

export function oneOf<const Text extends string>(texts: readonly Text[], description?: string): Schema<Text> {
  const fault: Fault = { field: "", expected: `one of ${texts.join(", ")}` };
  const known: ReadonlySet<unknown> = new Set(texts);
  return {
    check: (value) => (known.has(value) ? null : fault),
    document: { type: "string", enum: texts, ...(description === undefined ? {} : { description }) },
  };
}

export function integer(minimum: number, maximum: number, description?: string): Schema<number> {
  const fault: Fault = { field: "", expected: `a whole number from ${minimum} to ${maximum}` };
  return {
    check: (value) =>
      Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum ? null : fault,
    document: { type: "integer", minimum, maximum, ...(description === undefined ? {} : { description }) },
  };
}

/** A whole number that has no bound of its own. */
export function count(description?: string): Schema<number> {
  return integer(0, Number.MAX_SAFE_INTEGER, description);
}

export function number(description?: string): Schema<number> {
  const fault: Fault = { field: "", expected: "a number from 0" };
  return {
    check: (value) => (typeof value === "number" && value >= 0 ? null : fault),
    document: { type: "number", minimum: 0, ...(description === undefined ? {} : { description }) },
  };
}

export function bool(description?: string): Schema<boolean> {
  const fault: Fault = { field: "", expected: "true or false" };
  return {
    check: (value) => (typeof value === "boolean" ? null : fault),
    document: { type: "boolean", ...(description === undefined ? {} : { description }) },
  };
}

/** This value and no other. */
export function exactly<const T extends boolean | string>(only: T, description?: string): Schema<T> {
  const fault: Fault = { field: "", expected: String(only) };
  return {
    check: (value) => (value === only ? null : fault),
    document: { const: only, ...(description === undefined ? {} : { description }) },
  };
}

export function nullable<T>({ check, document }: Schema<T>): Schema<T | null> {
  return {
    check: (value) => (value === null ? null : check(value)),
    document: { oneOf: [document, { type: "null" }] },
  };
}

export function list<T>(
  item: Schema<T>,
  itemsMin: number,
  itemsMax: number,
  description?: string,
): Schema<readonly T[]> {
  const fault: Fault = { field: "", expected: `a list of ${itemsMin} to ${itemsMax}` };
  return {
    check(value) {
      if (!Array.isArray(value) || value.length < itemsMin || value.length > itemsMax) return fault;
      for (let at = 0; at < value.length; at++) {
        const wrong = item.check(value[at]);
        if (wrong !== null) return within(`[${at}]`, wrong);
      }
      return null;
    },
    document: {
      type: "array",
      items: item.document,
      ...(itemsMin > 0 ? { minItems: itemsMin } : {}),
      ...(itemsMax < Number.MAX_SAFE_INTEGER ? { maxItems: itemsMax } : {}),
      ...(description === undefined ? {} : { description }),
    },
  };
}

/** An object in which a member that isn't named is a fault: for what is asked, where a misspelt member would be lost. */
export function closed<const M extends Members>(members: M, description?: string): Schema<ObjectOf<M>> {
  return object(members, false, description);
}

/** An object that may have members that nobody here knows: for what is told, to which later versions may add. */
export function open<const M extends Members>(members: M, description?: string): Schema<ObjectOf<M>> {
  return object(members, true, description);
}

function object<const M extends Members>(
  members: M,
  isOpen: boolean,
  description: string | undefined,
): Schema<ObjectOf<M>> {
  // Without a prototype: `toString` and its like are not members.
  const checks: Record<string, Schema<unknown>["check"]> = Object.create(null);
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, member] of Object.entries(members)) {
    const schema = "optional" in member ? member.optional : member;
    checks[name] = schema.check;
    properties[name] = schema.document;
    if (!("optional" in member)) required.push(name);
  }
  const isRequired: ReadonlySet<string> = new Set(required);
  return {
    check(value) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return { field: "", expected: "an object" };
      }
      let missing = required.length;
      for (const name of Object.keys(value)) {
        const check = checks[name];
        if (check === undefined) {
          if (isOpen) continue;
          return { field: name, expected: "no such field" };
        }
        const wrong = check((value as Readonly<Record<string, unknown>>)[name]);
        if (wrong !== null) return within(name, wrong);
        if (isRequired.has(name)) missing -= 1;
      }
      if (missing === 0) return null;
      return {
        field: required.find((name) => !Object.hasOwn(value, name)) ?? "",
        expected: "a value, but it is missing",
      };
    },
    document: {
      type: "object",
      ...(description === undefined ? {} : { description }),
      ...(required.length === 0 ? {} : { required }),
      properties,
      ...(isOpen ? {} : { additionalProperties: false }),
    },
  };
}

/** One of some forms; a fault names no form, since nobody knows which was meant. */
export function either<const Forms extends readonly Schema<unknown>[]>(
  forms: Forms,
  description?: string,
): Schema<CarriedBy<Forms[number]>> {
  const fault: Fault = { field: "", expected: "one of the documented forms" };
  return {
    check: (value) => (forms.some(({ check }) => check(value) === null) ? null : fault),
    document: {
      ...(description === undefined ? {} : { description }),
      oneOf: forms.map(({ document }) => document),
    },
  };
}

/** The fault of a part, as the whole names it. */
export function within(part: string, { field, expected }: Fault): Fault {
  const isJoined = field === "" || field.startsWith("[");
  return { field: isJoined ? part + field : `${part}.${field}`, expected };
}

/** The fault as a sentence for a person. */
export function sentence({ field, expected }: Fault): string {
  return field === "" ? `Expected ${expected}.` : `${field}: expected ${expected}.`;
}
