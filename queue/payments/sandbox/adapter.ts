/** Owns the way to the sandbox provider: each call bounded in time and size, each answer checked before anybody believes it. */

import type { Clock } from "../../../actors/clock.ts";
import type { Money } from "../../../actors/domain/money.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { readText } from "../../read-text.ts";
import type { CreatePayment, PaymentProvider, ProviderPayment, ProviderStatus, WebhookHint } from "../provider.ts";
import { type Checks, integer, nested, oneOf, readFields, text } from "./fields.ts";
import { ATTEMPT, CURRENCY, MERCHANT } from "./model.ts";
import { SignatureCheck } from "./signature.ts";

const ANSWER_BYTES_MAX = 65_536;

const PAYMENT: Checks<ProviderPayment> = {
  attempt: text(ATTEMPT, "an attempt"),
  merchant: text(MERCHANT, "a merchant"),
  status: oneOf<ProviderStatus>("PENDING", "CAPTURED", "FAILED", "CANCELLED"),
  amount: nested<Money>({ amount: integer(), currency: text(CURRENCY, "a currency") }),
  refundedAmount: integer(),
  checkoutUrl: text(/^https?:\/\/\S{1,2048}$/, "a URL"),
};

export interface SandboxProviderOptions {
  /** The sandbox's address, without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly merchant: string;
  readonly webhookSecret: string;
  /** After this a call has no answer, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
  readonly clock: Clock;
}

export function sandboxProvider(options: SandboxProviderOptions): PaymentProvider {
  const { merchant, clock } = options;
  const signature = new SignatureCheck(options.webhookSecret);

  /** One call; gives the payment, or null if there is none. A 404 of anything but the API itself is no answer. */
  async function call(
    method: "GET" | "POST",
    path: string,
    attempt: string,
    body?: object,
  ): Promise<ProviderPayment | null> {
    const { status, answer } = await exchange(options, method, path, body);
    if (status === 404 && codeIn(answer) === "PAYMENT_NOT_FOUND") return null;
    if (status === 404) throw unavailable("is not at its address");
    if (status === 429 || status >= 500) throw unavailable(`answered ${status}`);
    // It understood us and said no: repeating the same can't help.
    if (status >= 400)
      throw new OperationalError("INTERNAL", `The payment provider refused ${method} ${path}: ${status}.`);
    return readPayment(attempt, status, answer);
  }

  async function change(path: string, attempt: string, body: object): Promise<ProviderPayment> {
    const payment = await call("POST", path, attempt, body);
    if (payment === null)
      throw new OperationalError("INTERNAL", `The payment provider doesn't know what to change: ${path}.`);
    return payment;
  }

  return {
    name: "sandbox",
    merchant,
    create: ({ attempt, amount, description, returnUrl, expiresAtMs }: CreatePayment) =>
      change("", attempt, { attempt, amount, description, returnUrl, expiresAtMs }),
    fetch: (attempt) => call("GET", `/${encodeURIComponent(attempt)}`, attempt),
    cancel: (attempt) => change(`/${encodeURIComponent(attempt)}/cancel`, attempt, {}),
    refund: (attempt, key) => change(`/${encodeURIComponent(attempt)}/refunds`, attempt, { key }),
    readWebhook: (headers, rawBody): WebhookHint => {
      if (!signature.holds(headers, rawBody, clock.nowMs())) return { kind: "bad-signature" };
      const attempt = attemptIn(rawBody);
      return attempt === null ? { kind: "unrelated" } : { kind: "look", attempt };
    },
  };
}

/** What came back, whatever it says. A time-out, a lost connection or too large an answer is PROVIDER_UNAVAILABLE. */
async function exchange(
  { baseUrl, apiKey, timeoutMs = 5_000, clock }: SandboxProviderOptions,
  method: "GET" | "POST",
  path: string,
  body: object | undefined,
): Promise<{ readonly status: number; readonly answer: string }> {
  const abort = new AbortController();
  const timer = clock.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(`${baseUrl}/v1/payments${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: abort.signal,
    });
    const answer = await readText(response.body, ANSWER_BYTES_MAX);
    if (answer === null) throw unavailable("answered too much");
    return { status: response.status, answer };
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw unavailable(abort.signal.aborted ? `gave no answer within ${timeoutMs} ms` : "can't be reached", cause);
  } finally {
    timer.cancel();
  }
}

function readPayment(attempt: string, status: number, answer: string): ProviderPayment {
  if (status !== 200 && status !== 201) throw unavailable(`answered ${status}`);
  const fields = readFields(parsed(answer), PAYMENT);
  if (!fields.ok) throw unavailable(`gave an answer whose ${fields.errors[0]?.field} is malformed`);
  if (fields.value.attempt !== attempt) throw unavailable("answered about another attempt");
  return fields.value;
}

function attemptIn(rawBody: string): string | null {
  const event = parsed(rawBody);
  if (!isRecord(event) || !isRecord(event.data)) return null;
  const attempt = event.data.attempt;
  return typeof attempt === "string" && ATTEMPT.test(attempt) ? attempt : null;
}

function codeIn(problem: string): unknown {
  const fields = parsed(problem);
  return isRecord(fields) ? fields.code : undefined;
}

/** The value, or undefined if it is not JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unavailable(what: string, cause?: unknown): OperationalError {
  return new OperationalError("PROVIDER_UNAVAILABLE", `The payment provider ${what}.`, { cause });
}
