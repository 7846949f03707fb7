/** Owns the start of the member's pages in a browser. */

import "../design/tokens.css";
import "../design/base.css";
import "./styles/shell.css";
