/** Owns the mutants that break what becomes of money. */

import type { Mutant } from "./mutant.ts";

export const OF_MONEY: readonly Mutant[] = [
  {
    name: "payment-not-asked-for",
    what: "a payment counts as captured because somebody hinted at it, without asking the provider",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet:
          "const found = isOver ? await this.#provider.cancel(payment.id) : await this.#provider.fetch(payment.id);",
        instead:
          'const found = isOver ? await this.#provider.cancel(payment.id) : ({ attempt: payment.id, merchant: this.#provider.merchant, status: "CAPTURED", amount: payment.amount, refundedAmount: 0, checkoutUrl: "" } as ProviderPayment);',
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "refund-without-key",
    what: "each try of a refund has a key of its own",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet: "const found = await this.#giveBack(payment, captured, key);",
        instead: "const found = await this.#giveBack(payment, captured, key + this.#entropy.uuid());",
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "over-unasked",
    what: "a payment is over at its deadline, and the provider goes on taking the money",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet:
          "const found = isOver ? await this.#provider.cancel(payment.id) : await this.#provider.fetch(payment.id);",
        instead:
          'const asked = await this.#provider.fetch(payment.id);\n    const found = isOver && asked?.status === "PENDING" ? ({ ...asked, status: "CANCELLED" } as ProviderPayment) : asked;',
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "refunded-when-asked",
    what: "a refund counts as done as soon as it was asked for",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet: "if (found.refundedAmount < captured.amount) {",
        instead: "if (found.refundedAmount < 0) {",
      },
    ],
    foundBy: ["I8"],
    seedsMax: 200,
  },
  {
    name: "paid-in-vain",
    what: "money that came for a hold goes back as if the seats were gone",
    edits: [
      {
        file: "actors/domain/decide/payment.ts",
        snippet: "if (isExpected && !hasLeft) return [money, ticketed(situation, attempt)];",
        instead: "",
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "one-try-to-pay",
    what: "a payment that failed ends the hold, though its time is not over",
    edits: [
      {
        file: "actors/domain/decide/payment.ts",
        snippet: "return reservation.expiresAtMs <= nowMs ? [",
        instead: "return nowMs > 0 ? [",
      },
    ],
    foundBy: ["I7"],
    seedsMax: 100,
  },
  {
    name: "paid-to-somebody-else",
    what: "money that went to another merchant buys tickets",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet: "const isForUs = found.merchant === this.#provider.merchant;",
        instead: 'const isForUs = found.merchant !== "";',
      },
    ],
    foundBy: ["I8"],
    seedsMax: 200,
  },
];
