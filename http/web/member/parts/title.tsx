/** Owns a page's heading: it names the tab, and takes the focus after a step, so that whoever hears the page hears where it is. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address, takeStep } from "../state/router.ts";

export interface TitleProps {
  readonly children: ComponentChildren;
  /** What the tab says; the brand is added. */
  readonly tab: string;
  readonly hidden?: boolean;
}

export function Title({ children, tab, hidden = false }: TitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const at = address.value;
  useEffect(() => {
    document.title = `${tab} · PigonAir`;
  }, [tab]);
  useEffect(() => {
    // A step back leads to where the reader was: the browser's own place in the page stays.
    if (takeStep()) heading.current?.focus({ preventScroll: true });
  }, [at]);
  return (
    <h1 ref={heading} tabIndex={-1} class={hidden ? "sr-only" : undefined}>
      {children}
    </h1>
  );
}
