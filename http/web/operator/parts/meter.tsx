/** Owns a bar that shows a share, with its figure beside it: never by colour or length alone. */

import { formatShare } from "../figures.ts";

export interface MeterProps {
  /** 0 to 1. */
  readonly share: number;
  readonly label: string;
  /** From here it is said to be full. @default 0.85 */
  readonly full?: number;
}

const WIDTH = 100;

export function Meter({ share, label, full = 0.85 }: MeterProps) {
  const kind = share >= full ? "bad" : share >= full * 0.7 ? "warn" : "";
  return (
    <span
      class={`meter ${kind}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share)}
    >
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width={WIDTH} height="8" rx="2" />
        <rect class="level" width={WIDTH * Math.min(1, share)} height="8" rx="2" />
      </svg>
      <span>{formatShare(share)}</span>
    </span>
  );
}
