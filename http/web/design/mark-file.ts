/** Owns the mark as a file of its own, for the browser's tab. */

import { renderHtml } from "../render-html.ts";
import { Mark } from "./brand.tsx";

/** Slate on light tabs, white on dark ones. */
const STYLE = "<style>svg{color:#1d2a4d}@media (prefers-color-scheme:dark){svg{color:#f3f5fb}}</style>";

export const MARK_FILE = renderHtml(Mark())
  .replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
  .replace("</svg>", `${STYLE}</svg>`);
