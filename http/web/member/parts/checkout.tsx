/** Owns paying: the time that is left, the way to the payment provider, and the wait for what it says. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { after } from "../../browser/device.ts";
import { formatMoney } from "../../i18n/format.ts";
import { beginPayment, type Reservation } from "../state/reservations.ts";
import { language, words } from "../state/words.ts";
import { Countdown } from "./countdown.tsx";
import { Icon } from "./icon.tsx";
import { Note, RefusalNote } from "./note.tsx";
import { Title } from "./title.tsx";

/** Of the reservations' contract, for the picture of the time only. */
const HOLD_S = 900;
/** A provider that hasn't answered by then is slow, in milliseconds. */
const SLOW_MS = 15_000;

export interface HoldPartProps {
  readonly reservation: Reservation;
  /** The state may have changed: it is asked for again. */
  readonly onChanged: () => void;
}

export function HoldPart({ reservation, onChanged }: HoldPartProps) {
  const m = words;
  const isOpening = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const { pnr, total, payment, expiresAt } = reservation;
  const amount = formatMoney(language, total);
  useEffect(() => {
    // Coming back with the browser's own button shows this page as it was left.
    const returned = (event: PageTransitionEvent): void => {
      if (!event.persisted) return;
      isOpening.value = false;
      onChanged();
    };
    addEventListener("pageshow", returned);
    return () => removeEventListener("pageshow", returned);
  }, []);

  const pay = async (): Promise<void> => {
    if (isOpening.value) return;
    isOpening.value = true;
    refusal.value = null;
    try {
      location.assign(await beginPayment(reservation));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      isOpening.value = false;
      refusal.value = error;
      if (error.code === "HOLD_EXPIRED" || error.code === "ALREADY_PAID") onChanged();
    }
  };

  return (
    <div class="stack">
      <Title tab={m.trip.documentTitle(pnr)}>{m.hold.title}</Title>
      {payment?.status === "FAILED" && (
        <Note kind="bad" role="alert">
          <p>{m.hold.declined}</p>
        </Note>
      )}
      {payment?.status === "CANCELLED" && (
        <Note kind="warn" role="status">
          <p>{m.hold.payCancelled}</p>
        </Note>
      )}
      <section class="card checkout">
        <Countdown until={expiresAt} wholeS={HOLD_S} onEnd={onChanged} />
        {refusal.value !== null && <RefusalNote refusal={refusal.value} />}
        <button type="button" class="button act large" aria-disabled={isOpening.value} onClick={() => void pay()}>
          {isOpening.value ? m.hold.paying : payment === undefined ? m.hold.pay(amount) : m.hold.payAgain(amount)}
          <Icon name="arrow" />
        </button>
        <p class="small soft centred">{m.hold.payHint}</p>
      </section>
    </div>
  );
}

/** The payment is open at the provider: nobody but it knows how it goes. */
export function PayingPart({ reservation: { pnr, payment } }: { readonly reservation: Reservation }) {
  const m = words;
  const isSlow = useSignal(false);
  useEffect(
    () =>
      after(SLOW_MS, () => {
        isSlow.value = true;
      }),
    [],
  );
  const checkoutUrl = payment?.checkoutUrl ?? null;
  return (
    <div class="stack">
      <Title tab={m.trip.documentTitle(pnr)}>{m.paying.title}</Title>
      <section class="card checkout" aria-busy="true">
        <div class="progress" aria-hidden="true" />
        <p role="status">{isSlow.value ? m.paying.slow : m.paying.text}</p>
        {checkoutUrl !== null && (
          <p class="cluster">
            <span class="small soft">{m.paying.openHint}</span>
            <a class="button" href={checkoutUrl}>
              {m.paying.open}
              <Icon name="arrow" />
            </a>
          </p>
        )}
      </section>
    </div>
  );
}
