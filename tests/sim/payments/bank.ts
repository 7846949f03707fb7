/** Owns the provider as the world has it: the ways to it, what goes wrong on them, and the delivery of its webhooks to the edges. */

import { OperationalError } from "../../../actors/errors.ts";
import type { PaymentProvider } from "../../../queue/payments/provider.ts";
import type { Machine } from "../cluster/machine.ts";
import type { Random } from "../world/random.ts";
import type { World } from "../world/world.ts";
import {
  type Decision,
  ProviderServer,
  simulatedProvider,
  type WebhookSent,
  type Wrong,
} from "./simulated-provider.ts";

/** As `sandbox/adapter.ts`: after this a call has no answer, in milliseconds. */
const CALL_MS_MAX = 5_000;
const WAY_MS = 20;

/** How long money is on its way back, in milliseconds. */
const SLOW_MS_MAX = 4_000;

/** A webhook that was not taken is sent again after these pauses, and then given up, in milliseconds. */
const RESEND_MS = [1_000, 2_000, 4_000, 8_000];

export class Bank {
  readonly server: ProviderServer;
  readonly #world: World;
  readonly #random: Random;
  isCalm = false;
  /** Captures that are promised, and have not come. */
  latePayments = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("bank");
    this.server = new ProviderServer({
      captured: (attempt) => world.trace.note("provider", () => `captures ${attempt}`),
      refunded: (attempt, key) => {
        world.trace.note("provider", () => `gives ${attempt} back under ${key}`);
        world.findings.expect(key === `refund:${attempt}`, "I8", () => `${attempt} is given back under ${key}`);
        if (this.server.find(attempt)?.refundedAmount === 0) {
          world.loop.after(this.#random.between(0, SLOW_MS_MAX), () => this.server.refundLate(attempt));
        }
      },
      webhook: (webhook) => this.#send(webhook),
    });
    this.server.isSlow = () => !this.isCalm && this.#random.chance(world.plan.provider.slowChance);
  }

  /** The provider as one process reaches it. */
  providerFor({ process }: Machine, nowMs: () => number): PaymentProvider {
    const { loop, trace, plan } = this.#world;
    return simulatedProvider((name, call) => {
      const silence = !this.isCalm && this.#random.chance(plan.provider.silentChance) ? this.#random.whole(1, 3) : 0;
      const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof call>>();
      const timer = process.clock.after(CALL_MS_MAX, () =>
        reject(new OperationalError("PROVIDER_UNAVAILABLE", "the payment provider gave no answer")),
      );
      // 1: it never hears of it. 2: it does it, and its answer is lost. 3: it does it much later.
      if (silence > 0)
        trace.note("provider", () => `${["", "doesn't hear", "answers in vain", "is late with"][silence]} ${name}`);
      if (silence === 1) return promise;
      const lateMs = silence === 3 ? this.#random.between(0, 2 * CALL_MS_MAX) : 0;
      loop.after(WAY_MS * this.#random.between(0.5, 1.5) + lateMs, () => {
        const answer = settled(() => call(this.server));
        if (silence === 2) return;
        loop.after(WAY_MS * this.#random.between(0.5, 1.5), () =>
          process.receive(() => {
            timer.cancel();
            if (answer.ok) resolve(answer.value);
            else reject(answer.error);
          }),
        );
      });
      return promise;
    }, nowMs);
  }

  /** A member at the checkout. */
  decide(checkoutUrl: string): void {
    const { loop, trace, plan, rules } = this.#world;
    const decision = this.#decision();
    trace.note("provider", () => `${checkoutUrl} is decided: ${decision}`);
    const isWrong = decision === "approve" && this.#random.chance(plan.provider.wrongChance);
    const wrong = isWrong ? this.#random.pick<Wrong>(["amount", "merchant"]) : null;
    const isPaid = this.server.decide(checkoutUrl, decision, wrong);
    const attempt = checkoutUrl.slice(checkoutUrl.lastIndexOf("/") + 1);
    if (isPaid && this.#random.chance(plan.provider.wrongChance)) this.server.callBack(attempt);
    if (decision !== "approve-late") return;
    this.latePayments += 1;
    loop.after(this.#random.between(0.3, 2) * rules.paymentTtlMs, () => {
      this.latePayments -= 1;
      this.server.captureLate(attempt);
    });
  }

  #decision(): Decision {
    if (this.#random.chance(this.#world.plan.provider.lateChance)) return "approve-late";
    return this.#random.chance(0.75) ? "approve" : "decline";
  }

  /** Once or twice, soon or late, in any order; some never. */
  #send(webhook: WebhookSent): void {
    const random = this.#random;
    const times = random.chance(0.1) ? 0 : random.chance(0.3) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const delayMs = random.chance(0.3) ? random.between(0, 20_000) : random.between(10, 300);
      this.#world.loop.after(delayMs, () => this.#deliver(webhook, 0));
    }
  }

  #deliver(webhook: WebhookSent, tries: number): void {
    const { loop, server, trace } = this.#world;
    const again = (): void => {
      const pauseMs = RESEND_MS[tries];
      if (pauseMs !== undefined) loop.after(pauseMs, () => this.#deliver(webhook, tries + 1));
    };
    const edge = this.#world.someEdge(this.#random);
    if (edge === null) {
      again();
      return;
    }
    trace.note("provider", () => `sends ${webhook.body} to ${edge.machine.name}`);
    const { headers, body } = this.server.signed(webhook, server.nowMs);
    const late = loop.after(30_000, again);
    edge.machine.process.receive(() => {
      void edge.hint(headers, body).then((isTaken) => {
        late.cancel();
        if (!isTaken) again();
      });
    });
  }
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function settled<T>(call: () => T): Settled<T> {
  try {
    return { ok: true, value: call() };
  } catch (error) {
    return { ok: false, error };
  }
}
