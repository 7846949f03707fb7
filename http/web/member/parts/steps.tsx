/** Owns where a party stands on its way to a ticket. */

import { words } from "../state/words.ts";
import { Icon } from "./icon.tsx";

const STEPS = ["seats", "passengers", "payment", "ticket"] as const;

export type Step = (typeof STEPS)[number];

export function Steps({ now }: { readonly now: Step }) {
  const m = words.steps;
  const at = STEPS.indexOf(now);
  return (
    <ol class="steps" aria-label={m.label}>
      {STEPS.map((step, order) => (
        <li
          key={step}
          class={order < at ? "done" : order === at ? "now" : undefined}
          aria-current={order === at ? "step" : undefined}
        >
          <span class="mark" aria-hidden="true">
            {order < at ? <Icon name="check" /> : order + 1}
          </span>
          <span class="step-name">{m[step]}</span>
          {order < at && <span class="sr-only">({m.done})</span>}
        </li>
      ))}
    </ol>
  );
}
