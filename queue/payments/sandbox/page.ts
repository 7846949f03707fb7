/** Owns the look of the checkout: one page without scripts, which works as a plain form. */

import type { Money } from "../../../actors/domain/money.ts";
import { amountOf, isDecided, type Outcome, type SandboxPayment, type WebhookMode } from "./model.ts";

const CSS = `
:root { color-scheme: light dark; --ink: #16202e; --soft: #55617a; --paper: #fff; --ground: #eef1f6; --line: #d5dbe6; --edge: #76829a; --act: #0b57d0; --on-act: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf4; --soft: #a4b0c6; --paper: #1a2231; --ground: #10151f; --line: #364157; --edge: #7d8aa5; --act: #8ab4f8; --on-act: #0b1a33 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 30rem; margin: 0 auto; padding: 2rem 1rem }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem }
.note { color: var(--soft); font-size: .875rem; margin: 0 0 1rem }
h1 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere }
.amount { font-size: 2.25rem; font-weight: 700; margin: 0 0 1rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.state { border-left: .25rem solid var(--act); padding-left: 1rem; margin: 1rem 0 }
button, select, input { font: inherit; color: inherit; width: 100%; min-height: 2.75rem; border-radius: .5rem; border: 1px solid var(--edge); background: var(--paper); padding: .5rem .75rem }
button { cursor: pointer; font-weight: 600; text-align: left; margin-top: .75rem }
button small { display: block; font-weight: 400 }
:lang(ko) { word-break: keep-all }
button.act { background: var(--act); border-color: var(--act); color: var(--on-act) }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
label, summary { display: block; margin-top: 1rem; font-weight: 600 }
summary { cursor: pointer }
a { color: var(--act) }
`;

const STYLE_HASH = new Bun.CryptoHasher("sha256").update(CSS).digest("base64");

/**
 * Chromium applies `form-action` to the redirect after a form too (w3c/webappsec-csp issue 8), so the return URL must stand there.
 * @param returnUrl One whose origin holds nothing that could end a directive.
 */
export function contentSecurityPolicy(returnUrl: URL | null): string {
  const targets = returnUrl === null ? "'self'" : `'self' ${returnUrl.origin}`;
  return `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`;
}

interface Choice {
  readonly label: string;
  readonly hint: string;
  /** What whoever came from Korean pages reads. */
  readonly korean: string;
}

const CHOICES: Readonly<Record<Outcome, Choice>> = {
  approve: { label: "Pay", hint: "Captured at once.", korean: "결제: 바로 승인됩니다." },
  decline: { label: "Decline", hint: "The payment fails at once.", korean: "거절: 결제가 바로 실패합니다." },
  "approve-late": {
    label: "Approve late",
    hint: "Stays pending, and is captured after it expired, even if cancelled meanwhile.",
    korean: "늦은 승인: 대기하다가 기한이 지난 뒤 승인됩니다. 그사이 취소되어도 그렇습니다.",
  },
  "charge-then-timeout": {
    label: "Charge, then time out",
    hint: "Captured, but for a while the provider answers nothing about it.",
    korean: "승인 뒤 무응답: 승인되지만 한동안 아무 답이 없습니다.",
  },
};

const ANNOUNCEMENTS: Readonly<Record<WebhookMode, string>> = {
  once: "Once",
  twice: "Twice, with the same id",
  late: "Late",
  none: "Never",
  reversed: "In reversed order",
};

/** @param returnUrl Where the member came from, if a browser can go there. */
export function checkoutPage(payment: SandboxPayment, merchant: string, returnUrl: string | null): string {
  const description = Bun.escapeHTML(payment.asked?.description || "Payment");
  const back = returnUrl === null ? "" : `<p><a href="${Bun.escapeHTML(returnUrl)}">Back to the merchant</a></p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Checkout: ${description}</title>
<style>${CSS}</style>
</head>
<body>
<main>
<p class="note">Sandbox: no money moves. You decide how this payment goes.</p>
<p class="note" lang="ko">시험용 결제: 실제 돈은 움직이지 않습니다. 결제가 어떻게 될지 직접 고릅니다.</p>
<section>
<h1>${description}</h1>
<p class="note">to ${Bun.escapeHTML(payment.capture?.merchant ?? merchant)}</p>
<p class="amount">${payment.asked === null ? "—" : Bun.escapeHTML(inWords(amountOf(payment)))}</p>
${isDecided(payment) ? `<p class="state" role="status">${stateOf(payment)}</p>${back}` : form()}
</section>
</main>
</body>
</html>
`;
}

function form(): string {
  const buttons = Object.entries(CHOICES).map(
    ([value, { label, hint, korean }]) =>
      `<button name="outcome" value="${value}"${value === "approve" ? ' class="act"' : ""}>${label} <small>${hint}</small> <small lang="ko">${korean}</small></button>`,
  );
  const options = Object.entries(ANNOUNCEMENTS).map(([value, label]) => `<option value="${value}">${label}</option>`);
  return `<form method="post">
${buttons.join("\n")}
<label for="webhook">The merchant is told</label>
<select id="webhook" name="webhook">${options.join("")}</select>
<details>
<summary>Capture something else than was asked</summary>
<label for="amount">Amount, in minor units</label>
<input id="amount" name="amount" inputmode="numeric" pattern="[0-9]{1,15}" autocomplete="off">
<label for="currency">Currency</label>
<input id="currency" name="currency" pattern="[A-Z]{3}" autocomplete="off">
<label for="merchant">Merchant</label>
<input id="merchant" name="merchant" pattern="[A-Za-z0-9_\\-]{1,64}" autocomplete="off">
</details>
</form>`;
}

function stateOf(payment: SandboxPayment): string {
  if (payment.refundedAmount > 0) return "Paid, and given back.";
  if (payment.captureDueMs !== null) {
    const time = new Date(payment.captureDueMs).toISOString();
    return `${payment.status === "CANCELLED" ? "Cancelled by the merchant, but approved" : "Approved"}: it is captured at <time datetime="${time}">${time}</time>.`;
  }
  return { PENDING: "Pending.", CAPTURED: "Paid.", FAILED: "Declined.", CANCELLED: "Cancelled." }[payment.status];
}

/** `KRW 120,000`, `USD 12.30`: from the digits themselves, since a large amount has no exact fraction. */
function inWords({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "code" });
  const fractionDigits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const padded = String(amount).padStart(fractionDigits + 1, "0");
  const whole = padded.slice(0, padded.length - fractionDigits);
  const exact = fractionDigits === 0 ? whole : `${whole}.${padded.slice(-fractionDigits)}`;
  return format.format(exact as `${number}`);
}
