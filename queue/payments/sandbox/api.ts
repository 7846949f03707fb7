/**
 * Owns the merchant's side of the sandbox. With `Authorization: Bearer <key>`, in JSON; each call may be repeated at will:
 *
 * - `POST /v1/payments` `{attempt, amount:{amount,currency}, description, returnUrl, expiresAtMs}` → 201, again 200; other content 409
 * - `GET /v1/payments/{attempt}` → 200, or 404
 * - `POST /v1/payments/{attempt}/cancel` → 200, whatever it is then; one never seen is CANCELLED from now on
 * - `POST /v1/payments/{attempt}/refunds` `{key}` → 200; 409 when there is nothing to give back
 *
 * Each answers `{attempt, merchant, status, amount, refundedAmount, checkoutUrl}`.
 */

import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../../../actors/clock.ts";
import type { Money } from "../../../actors/domain/money.ts";
import type { CreatePayment } from "../provider.ts";
import { readBody } from "./body.ts";
import { type Checks, integer, nested, readFields, text } from "./fields.ts";
import type { Ledger, RefundResult } from "./ledger.ts";
import {
  ATTEMPT,
  CURRENCY,
  DESCRIPTION_CHARS_MAX,
  EXPIRES_AT_MS_MAX,
  publicPayment,
  REFUND_KEY,
  RETURN_URL_CHARS_MAX,
  type SandboxPayment,
} from "./model.ts";
import { invalid, only, problem } from "./problem.ts";

const MONEY: Checks<Money> = { amount: integer(), currency: text(CURRENCY, "three capital letters") };

const CREATE: Checks<CreatePayment> = {
  attempt: text(ATTEMPT, "1 to 128 of A-Z a-z 0-9 . _ : ~ - and start with a letter or digit"),
  amount: nested(MONEY),
  description: text(new RegExp(`^.{0,${DESCRIPTION_CHARS_MAX}}$`, "su"), `at most ${DESCRIPTION_CHARS_MAX} characters`),
  returnUrl: text(new RegExp(`^.{0,${RETURN_URL_CHARS_MAX}}$`, "su"), `at most ${RETURN_URL_CHARS_MAX} characters`),
  expiresAtMs: integer(EXPIRES_AT_MS_MAX),
};

const REFUND: Checks<{ key: string }> = { key: text(REFUND_KEY, "1 to 255 visible ASCII characters") };

const REFUSED_REFUNDS: Record<Exclude<RefundResult["kind"], "refunded">, () => Response> = {
  "unknown-attempt": unknownPayment,
  "not-captured": () => problem(409, "NOT_CAPTURED", "nothing was captured that could be given back"),
  "already-refunded": () => problem(409, "ALREADY_REFUNDED", "it has been given back under another key"),
  "key-reused": () => problem(409, "KEY_REUSED", "another payment was refunded under this key"),
};

export interface ApiOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly apiKey: string;
  readonly merchant: string;
  readonly checkoutUrl: (payment: SandboxPayment) => string;
}

export class Api {
  readonly #options: ApiOptions;
  readonly #authorization: Buffer;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#authorization = Buffer.from(`Bearer ${options.apiKey}`);
  }

  /** `rest` is the path after `/v1/payments`. */
  async handle(request: Request, rest: string): Promise<Response> {
    if (!this.#isAllowed(request)) {
      return problem(401, "UNAUTHENTICATED", "the API key is missing or wrong", {
        headers: { "www-authenticate": "Bearer" },
      });
    }
    if (rest === "") return only("POST", request) ?? this.#create(request);
    const [, attempt, action] = /^\/([^/]+)(?:\/(cancel|refunds))?$/.exec(rest) ?? [];
    const name = decoded(attempt ?? "");
    if (!ATTEMPT.test(name)) return unknownPayment();
    if (action === undefined) return only("GET", request) ?? this.#fetch(name);
    if (action === "cancel") return only("POST", request) ?? this.#cancel(name);
    return only("POST", request) ?? this.#refund(request, name);
  }

  async #create(request: Request): Promise<Response> {
    const body = await readBody(request, "json-only");
    if (body instanceof Response) return body;
    const fields = readFields(body.value, CREATE);
    if (!fields.ok) return invalid(fields.errors);
    const silence = this.#silence(fields.value.attempt);
    if (silence !== null) return silence;
    const { kind, payment } = this.#options.ledger.create(fields.value);
    if (kind === "different") return problem(409, "ATTEMPT_REUSED", "this attempt was created with other content");
    return this.#answer(payment, kind === "created" ? 201 : 200);
  }

  #fetch(attempt: string): Response {
    const payment = this.#options.ledger.find(attempt);
    if (payment === null) return unknownPayment();
    return this.#silence(attempt) ?? this.#answer(payment);
  }

  #cancel(attempt: string): Response {
    return this.#silence(attempt) ?? this.#answer(this.#options.ledger.cancel(attempt));
  }

  async #refund(request: Request, attempt: string): Promise<Response> {
    const body = await readBody(request, "json-only");
    if (body instanceof Response) return body;
    const fields = readFields(body.value, REFUND);
    if (!fields.ok) return invalid(fields.errors);
    const silence = this.#silence(attempt);
    if (silence !== null) return silence;
    const result = this.#options.ledger.refund(attempt, fields.value.key);
    return result.kind === "refunded" ? this.#answer(result.payment) : REFUSED_REFUNDS[result.kind]();
  }

  /** What `charge-then-timeout` answers for a while, although it knows better. */
  #silence(attempt: string): Response | null {
    const leftMs = (this.#options.ledger.find(attempt)?.silentUntilMs ?? 0) - this.#options.clock.nowMs();
    if (leftMs <= 0) return null;
    const headers = { "retry-after": String(Math.ceil(leftMs / 1_000)) };
    return problem(503, "UNAVAILABLE", "no word about this payment for now", { headers });
  }

  #answer(payment: SandboxPayment, status = 200): Response {
    const { merchant, checkoutUrl } = this.#options;
    return Response.json(publicPayment(payment, merchant, checkoutUrl(payment)), {
      status,
      headers: { "cache-control": "no-store" },
    });
  }

  #isAllowed(request: Request): boolean {
    const given = Buffer.from(request.headers.get("authorization") ?? "");
    return given.length === this.#authorization.length && timingSafeEqual(given, this.#authorization);
  }
}

function unknownPayment(): Response {
  return problem(404, "PAYMENT_NOT_FOUND", "no such payment");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
