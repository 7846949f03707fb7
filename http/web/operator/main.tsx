/** Owns the start of the operators' pages in a browser. */

import "uplot/dist/uPlot.min.css";
import "../design/tokens.css";
import "../design/base.css";
import "../design/banner.css";
import "./operator.css";
import { render } from "preact";
import { startSession } from "../member/state/session.ts";
import { App } from "./app.tsx";
import { startRouter } from "./router.ts";

const root = document.getElementById("app");
if (root !== null) {
  startRouter();
  render(<App />, root);
  void startSession();
}
