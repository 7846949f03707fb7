/** Owns changing a part of the page into new HTML: what stays the same keeps its focus and its state. */

export function morph(element: Element, html: string): void {
  const template = document.createElement("template");
  template.innerHTML = html;
  changeChildren(element, template.content);
}

function changeChildren(from: Node, to: Node): void {
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const next = at?.nextSibling ?? null;
    if (at === null) from.appendChild(wanted);
    else if (at.nodeName !== wanted.nodeName) from.replaceChild(wanted, at);
    else if (at instanceof Element && wanted instanceof Element) {
      changeAttributes(at, wanted);
      changeChildren(at, wanted);
    } else if (at.nodeValue !== wanted.nodeValue) at.nodeValue = wanted.nodeValue;
    at = next;
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

function changeAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
}
