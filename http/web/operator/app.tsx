/** Owns the operators' pages as one: who may see them, the page at the address, and what is said to those who hear it. */

import type { ComponentType } from "preact";
import { ConnectionBanner } from "../member/parts/connection-banner.tsx";
import { said } from "../member/state/announce.ts";
import { logOut, member } from "../member/state/session.ts";
import { language } from "../member/state/words.ts";
import { logInPath } from "../room-handover.ts";
import { FlightPage } from "./flights/flight-page.tsx";
import { FlightsPage } from "./flights/flights-page.tsx";
import { OperatorFrame } from "./frame.tsx";
import { HostsPage } from "./hosts-page.tsx";
import { JournalPage } from "./journal-page.tsx";
import { LivePage } from "./live/live-page.tsx";
import { Heading } from "./parts/heading.tsx";
import type { OperatorPage } from "./paths.ts";
import { address, here } from "./router.ts";
import { words } from "./words.ts";

const PAGES: Readonly<Record<OperatorPage, ComponentType<{ readonly id: string }>>> = {
  live: LivePage,
  flights: FlightsPage,
  flight: FlightPage,
  journal: JournalPage,
  hosts: HostsPage,
};

export function App() {
  const who = member.value;
  const leave = async (): Promise<void> => {
    await logOut();
    location.assign("/");
  };
  return (
    <OperatorFrame
      language={language}
      words={words}
      address={address.value}
      page={here.value?.page ?? null}
      onLogOut={who ? () => void leave() : undefined}
    >
      <ConnectionBanner />
      <main id="main" class="page" tabIndex={-1}>
        <Content />
      </main>
      <p class="sr-only" role="status">
        {said.value}
      </p>
    </OperatorFrame>
  );
}

function Content() {
  const who = member.value;
  const found = here.value;
  if (who === undefined) return <p class="soft">{words.loading}</p>;
  if (who === null || who.role !== "ADMIN") return <Stranger isMember={who !== null} />;
  if (found === null) return <Heading>{words.missing}</Heading>;
  const Page = PAGES[found.page];
  return <Page key={found.page + found.id} id={found.id} />;
}

/** Whoever is a member logs out first: the log-in page would send them back. */
async function changeAccount(): Promise<void> {
  await logOut();
  location.assign(logInPath(address.value));
}

function Stranger({ isMember }: { readonly isMember: boolean }) {
  return (
    <div class="stack">
      <Heading>{isMember ? words.forbidden : words.logInTitle}</Heading>
      {isMember && <p>{words.forbiddenText}</p>}
      <p>
        {isMember ? (
          <button type="button" class="button act" onClick={() => void changeAccount()}>
            {words.logIn}
          </button>
        ) : (
          <a class="button act" href={logInPath(address.value)}>
            {words.logIn}
          </a>
        )}
      </p>
    </div>
  );
}
