/** Owns where the operator is: the address and its history; links between the pages load nothing anew. */

import { computed, signal } from "@preact/signals";
import { LANGUAGE_PARAMETER } from "../language.ts";
import { operatorPageAt } from "./paths.ts";

/** Path and search. */
export const address = signal(present());

export const here = computed(() => operatorPageAt(address.value.split("?")[0] ?? ""));

export const query = computed(() => new URLSearchParams(address.value.split("?")[1] ?? ""));

/** Whether the next heading takes the focus, so that whoever hears the page hears where it is. */
let isStepping = false;

export function goTo(target: string): void {
  if (target === address.value) return;
  history.pushState(null, "", target);
  isStepping = true;
  scrollTo(0, 0);
  address.value = target;
}

/** True once after each step. */
export function takeStep(): boolean {
  const was = isStepping;
  isStepping = false;
  return was;
}

export function startRouter(): void {
  // The choice of a language is remembered: an address that is passed on leaves it to its reader.
  if (address.value !== location.pathname + location.search) history.replaceState(null, "", address.value);
  addEventListener("popstate", () => {
    isStepping = true;
    address.value = present();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain || link === null || link.origin !== location.origin) return;
    // Another language is another bundle of words: that page is loaded.
    if (link.hash !== "" || link.hreflang !== "" || operatorPageAt(link.pathname) === null) return;
    event.preventDefault();
    goTo(link.pathname + link.search);
  });
}

function present(): string {
  const url = new URL(location.href);
  url.searchParams.delete(LANGUAGE_PARAMETER);
  return url.pathname + url.search;
}
