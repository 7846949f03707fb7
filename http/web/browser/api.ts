/** Owns the API as pages call it: the typed client, and its refusals as one kind of error. */

import { client } from "../../client.ts";
import type { ProblemCode } from "../../problem-codes.ts";
import { send } from "./send.ts";

export const api = client(location.origin, { fetcher: send as typeof fetch, parseDate: false }).api.v1;

/** Beside those of the API: no answer came. */
export type ShownCode = ProblemCode | "NO_CONNECTION";

/** A refusal, as RFC 9457 brings it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ShownCode;
  readonly status: number;
  /** Further members: `seats`, `alternatives`, `errors`… */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ShownCode, status: number, detail: string, members: Readonly<Record<string, unknown>>) {
    super(detail);
    this.code = code;
    this.status = status;
    this.members = members;
  }

  /** A member that is a list of texts. */
  texts(member: string): readonly string[] {
    const value = this.members[member];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** The fields at fault, with what is wrong. */
  get fields(): readonly string[] {
    const errors = this.members.errors;
    if (!Array.isArray(errors)) return [];
    return errors.map((each: { readonly field?: unknown }) => String(each.field));
  }
}

interface Answer<Data> {
  readonly data: Data;
  readonly error: { readonly status: unknown; readonly value: unknown } | null;
}

let sessionEnds = (): void => {};

/** @param run called when the API no longer knows who the reader is */
export function whenSessionEnds(run: () => void): void {
  sessionEnds = run;
}

/**
 * What the API answered.
 * @throws Refusal when it refused, and when no answer came
 */
export async function answerOf<Data>(call: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error } = await call;
  if (error !== null) {
    const refusal = refusalOf(error.status, error.value);
    if (refusal.code === "UNAUTHENTICATED") sessionEnds();
    throw refusal;
  }
  return data as NonNullable<Data>;
}

function refusalOf(status: unknown, value: unknown): Refusal {
  if (typeof value === "object" && value !== null && "code" in value) {
    const { code, detail = "", ...members } = value as { code: ShownCode; detail?: string };
    return new Refusal(code, Number(status), detail, members);
  }
  // The client says 503 of a request without an answer; a gateway's own page is as good as none.
  return new Refusal("NO_CONNECTION", Number(status), String(value), {});
}

/** An id in a path, which the client writes as it is. */
export function inPath(id: string): string {
  return encodeURIComponent(id);
}
