/** Owns the start's head: the promise, before the flock. Written by the server as well, so that it is there before any script. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import type { ComponentChildren } from "preact";
import { Sky } from "./sky.tsx";

export interface HeroProps {
  /** The page's heading. */
  readonly children: ComponentChildren;
  readonly lead: string;
}

export function Hero({ children, lead }: HeroProps) {
  return (
    <section class="hero">
      <Sky />
      <div class="hero-text">
        {children}
        <p>{lead}</p>
      </div>
    </section>
  );
}
