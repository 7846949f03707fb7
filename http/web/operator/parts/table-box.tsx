/** Owns the box of a table that may be wider than the screen: it scrolls by itself, also with the keys. */

import type { ComponentChildren } from "preact";

export interface TableBoxProps {
  readonly label: string;
  readonly isCard?: boolean;
  readonly children: ComponentChildren;
}

/** A place that scrolls can be reached by the keyboard in every browser only so (WCAG 2.1.1). */
const reachable = (label: string) => ({ role: "group", tabIndex: 0, "aria-label": label }) as const;

export function TableBox({ label, isCard = false, children }: TableBoxProps) {
  return (
    <div class={isCard ? "card table-box" : "table-box"} {...reachable(label)}>
      {children}
    </div>
  );
}
