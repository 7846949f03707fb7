/** Owns the start of the member's pages in a browser. */

import "../design/tokens.css";
import "../design/base.css";
import "../design/banner.css";
import "./styles/shell.css";
import "./styles/forms.css";
import "./styles/home.css";
import "./styles/results.css";
import "./styles/steps.css";
import "./styles/seats.css";
import "./styles/trips.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./state/router.ts";
import { startSession } from "./state/session.ts";

const root = document.getElementById("app");
if (root !== null) {
  startRouter();
  render(<App />, root);
  void startSession();
}
