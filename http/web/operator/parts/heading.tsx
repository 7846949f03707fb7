/** Owns a page's heading: it names the tab, and takes the focus after a step. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address, takeStep } from "../router.ts";
import { words } from "../words.ts";

export function Heading({ children, tab }: { readonly children: ComponentChildren; readonly tab?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const at = address.value;
  const { title } = words;
  useEffect(() => {
    document.title = `${tab ?? (typeof children === "string" ? children : title)} · PigonAir ${title}`;
  }, [children, tab, title]);
  useEffect(() => {
    // A step back leads to where the reader was: the browser's own place in the page stays.
    if (takeStep()) heading.current?.focus({ preventScroll: true });
  }, [at]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
