/** Owns the page that says that there is none. */

import { Mark } from "../../design/brand.tsx";
import { Title } from "../parts/title.tsx";
import { words } from "../state/words.ts";

export function Missing() {
  const m = words.missing;
  return (
    <div class="missing">
      <Mark />
      <Title tab={m.title}>{m.title}</Title>
      <p class="soft">{m.text}</p>
      <p>
        <a class="button act" href="/">
          {m.home}
        </a>
      </p>
    </div>
  );
}
