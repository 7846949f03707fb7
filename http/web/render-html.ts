/** Owns writing components as HTML on the server: those without state, which are what a page shows before any script runs. */

import { type ComponentChildren, Fragment, type VNode } from "preact";

/** HTML's elements without an end tag that we use. */
const VOID: ReadonlySet<string> = new Set(["br", "hr", "img", "input", "link", "meta"]);

/** What the typed properties of elements are called in HTML where it isn't the same. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = { htmlFor: "for", className: "class", tabIndex: "tabindex" };

/** Event handlers and keys are for the browser. Components that use hooks can't be written here. */
export function renderHtml(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(renderHtml).join("");
  if (typeof node !== "object") return Bun.escapeHTML(String(node));
  const { type, props } = node as VNode<Record<string, unknown>>;
  if (type === Fragment) return renderHtml(props.children);
  if (typeof type === "function") {
    const component = type as (props: Record<string, unknown>) => ComponentChildren;
    return renderHtml(component(props));
  }
  const start = `<${type}${attributes(props)}>`;
  return VOID.has(type) ? start : `${start}${renderHtml(props.children)}</${type}>`;
}

function attributes(props: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const [name, value] of Object.entries(props)) {
    if (name === "children" || typeof value === "function" || typeof value === "object") continue;
    const isAria = name.startsWith("aria-");
    if (value === undefined || (value === false && !isAria)) continue;
    const written = ATTRIBUTE_NAMES[name] ?? name;
    text += value === true && !isAria ? ` ${written}` : ` ${written}="${Bun.escapeHTML(String(value))}"`;
  }
  return text;
}
