/** Owns where the reader is: the address, its history, and what has the focus after a step. */

import { computed, signal } from "@preact/signals";
import { LANGUAGE_PARAMETER } from "../../language.ts";
import { pageAt } from "../../paths.ts";

/** Path and search. */
export const address = signal(withoutLanguage(location.href));

export const path = computed(() => address.value.split("?")[0] ?? "/");

export const query = computed(() => new URLSearchParams(address.value.split("?")[1] ?? ""));

/** Null where there is no page. */
export const here = computed(() => pageAt(path.value));

/** Whether the next heading that is shown takes the focus: then whoever hears the page hears where it is. */
let isStepping = false;

export interface StepOptions {
  /** In place of the present address, which going back then passes over. */
  readonly replace?: boolean;
  /** The page stays, and with it the focus and the place in it. */
  readonly stay?: boolean;
}

export function goTo(target: string, { replace = false, stay = false }: StepOptions = {}): void {
  if (target === address.value) return;
  // The waiting room and the operators' pages are documents of their own.
  if (pageAt(target.split("?")[0] ?? "") === null) {
    if (replace) location.replace(target);
    else location.assign(target);
    return;
  }
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  if (!stay) {
    isStepping = true;
    scrollTo(0, 0);
  }
  address.value = target;
}

/** True once after each step. */
export function takeStep(): boolean {
  const was = isStepping;
  isStepping = false;
  return was;
}

/** The same page with other parameters; those that are null or empty are left out. */
export function withParameters(
  changes: Readonly<Record<string, string | number | null>>,
  from = address.value,
): string {
  const [base = "/", search = ""] = from.split("?");
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") parameters.delete(name);
    else parameters.set(name, String(value));
  }
  const text = parameters.toString().replaceAll("%2C", ",");
  return text === "" ? base : `${base}?${text}`;
}

/** Links and the browser's own buttons lead from page to page without loading anything. */
export function startRouter(): void {
  // The choice of a language is remembered: an address that is passed on leaves it to its reader.
  if (address.value !== location.pathname + location.search) history.replaceState(null, "", address.value);
  addEventListener("popstate", () => {
    isStepping = true;
    address.value = withoutLanguage(location.href);
  });
  document.addEventListener("click", (event) => {
    const target = ownTarget(event);
    if (target === null) return;
    event.preventDefault();
    goTo(target);
  });
}

/** Where a click leads, if that is a page of ours in this tab. */
function ownTarget(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return null;
  if (link.origin !== location.origin || link.hash !== "" || pageAt(link.pathname) === null) return null;
  // Another language is another bundle.
  if (new URLSearchParams(link.search).has(LANGUAGE_PARAMETER)) return null;
  return link.pathname + link.search;
}

function withoutLanguage(href: string): string {
  const url = new URL(href);
  url.searchParams.delete(LANGUAGE_PARAMETER);
  return url.pathname + url.search.replaceAll("%2C", ",");
}

/** A path of ours to come back to; anything else, such as another site's address, is home. */
export function safeNext(text: string | null): string {
  if (text === null || !text.startsWith("/")) return "/";
  const url = new URL(text, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : "/";
}
