/**
 * Owns the member's side of the sandbox: the checkout, where whoever has its URL says how the payment goes.
 *
 * `GET` shows a page. `POST`, as form or JSON, takes:
 * - `outcome`: approve | decline | approve-late | charge-then-timeout
 * - `webhook`: once | twice | late | none | reversed (`once` if absent)
 * - `amount` (minor units), `currency`, `merchant`: for trying wrong captures, what is captured instead of what was asked
 *
 * A form is answered with a redirect to the merchant's return URL, JSON with the payment. The first word counts:
 * a later one changes nothing and is told what the payment is.
 */

import { readBody } from "./body.ts";
import { type Check, type Checks, integer, oneOf, optional, readFields, text } from "./fields.ts";
import type { DecideResult, Ledger } from "./ledger.ts";
import {
  CHECKOUT,
  CURRENCY,
  type Decision,
  MERCHANT,
  OUTCOMES,
  publicPayment,
  type SandboxPayment,
  WEBHOOK_MODES,
} from "./model.ts";
import { checkoutPage, contentSecurityPolicy } from "./page.ts";
import { invalid, only, problem } from "./problem.ts";

/** A form knows only text. */
const digits: Check<number> = (value) =>
  integer()(typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value);

function checks(amount: Check<number>): Checks<Decision> {
  return {
    outcome: oneOf(...OUTCOMES),
    webhook: (value) => (value === undefined ? "once" : oneOf(...WEBHOOK_MODES)(value)),
    amount: optional(amount),
    currency: optional(text(CURRENCY, "three capital letters")),
    merchant: optional(text(MERCHANT, "1 to 64 of A-Z a-z 0-9 _ -")),
  };
}

const JSON_CHECKS = checks(integer());
const FORM_CHECKS = checks(digits);

export interface CheckoutOptions {
  readonly ledger: Ledger;
  readonly merchant: string;
  readonly checkoutUrl: (payment: SandboxPayment) => string;
}

export class Checkout {
  readonly #options: CheckoutOptions;

  constructor(options: CheckoutOptions) {
    this.#options = options;
  }

  async handle(request: Request, checkout: string): Promise<Response> {
    const payment = CHECKOUT.test(checkout) ? this.#options.ledger.findByCheckout(checkout) : null;
    if (payment === null) return problem(404, "CHECKOUT_NOT_FOUND", "no such checkout");
    return (
      only("GET, POST", request) ?? (request.method === "GET" ? this.#show(payment) : this.#decide(request, payment))
    );
  }

  #show(payment: SandboxPayment): Response {
    const returnUrl = browserUrl(payment.asked?.returnUrl);
    return new Response(checkoutPage(payment, this.#options.merchant, returnUrl?.href ?? null), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": contentSecurityPolicy(returnUrl),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      },
    });
  }

  async #decide(request: Request, payment: SandboxPayment): Promise<Response> {
    const body = await readBody(request, "or-form");
    if (body instanceof Response) return body;
    const fields = readFields(body.value, body.isForm ? FORM_CHECKS : JSON_CHECKS);
    if (!fields.ok) return invalid(fields.errors);
    const result = this.#options.ledger.decide(payment.checkout, fields.value);
    return body.isForm ? this.#redirect(result.payment) : this.#tell(result);
  }

  #redirect(payment: SandboxPayment): Response {
    const target = browserUrl(payment.asked?.returnUrl);
    // It tells the page behind it what to say; nobody may believe it.
    target?.searchParams.set("outcome", payment.decision?.outcome ?? payment.status.toLowerCase());
    const location = target?.href ?? this.#options.checkoutUrl(payment);
    return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
  }

  #tell({ kind, payment }: DecideResult): Response {
    const { merchant, checkoutUrl } = this.#options;
    const told = {
      ...publicPayment(payment, merchant, checkoutUrl(payment)),
      changed: kind === "decided",
      outcome: payment.decision?.outcome ?? null,
      webhook: payment.decision?.webhook ?? null,
      capturesAt: payment.captureDueMs === null ? null : new Date(payment.captureDueMs).toISOString(),
    };
    return Response.json(told, { headers: { "cache-control": "no-store" } });
  }
}

/** A merchant may name any text as return URL; only what a browser safely follows is used. */
function browserUrl(returnUrl: string | undefined): URL | null {
  const url = URL.parse(returnUrl ?? "");
  return url !== null && /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?$/.test(url.origin) ? url : null;
}
