/** Owns the words of the waiting room. Braces stand for what is filled in; the page is sent with one language alone. */

import type { Language } from "../language.ts";

export interface RoomWords {
  readonly title: string;
  readonly skip: string;
  readonly home: string;
  readonly demo: string;
  readonly departs: string;

  readonly joining: string;
  readonly joiningText: string;
  readonly join: string;
  readonly joinText: string;

  readonly place: string;
  readonly ahead: string;
  readonly nobodyAhead: string;
  readonly wait: string;
  readonly seatsLeft: string;
  readonly odds: string;
  readonly oddsGood: string;
  readonly oddsFair: string;
  readonly oddsLow: string;
  readonly track: string;

  readonly opens: string;
  readonly opensText: string;
  readonly opensAt: string;
  readonly joined: string;
  readonly drawHash: string;
  readonly opening: string;

  readonly door: string;
  readonly doorText: string;
  readonly call: string;
  readonly callText: string;
  readonly enter: string;
  readonly turn: string;
  readonly turnText: string;
  readonly turnEnds: string;
  readonly choose: string;

  readonly kept: string;
  readonly returned: string;
  readonly next: string;
  readonly byHand: string;

  readonly paused: string;
  readonly pausedText: string;
  readonly soldOut: string;
  readonly soldOutText: string;
  readonly closed: string;
  readonly closedText: string;
  readonly off: string;
  readonly offText: string;
  readonly expired: string;
  readonly expiredText: string;
  readonly again: string;
  readonly refused: string;
  readonly refusedText: string;
  readonly unknown: string;
  readonly unknownText: string;
  readonly draw: string;
  readonly needsScripts: string;
  readonly otherFlights: string;
  readonly logIn: string;
  readonly logInText: string;
  readonly anew: string;
  readonly working: string;

  readonly lost: string;
  readonly unavailable: string;
  readonly back: string;

  readonly soundOn: string;
  readonly soundOff: string;
  readonly soundHint: string;

  readonly underMinute: string;
  readonly minutes: string;
  readonly minutesRange: string;
  readonly hoursRange: string;
  readonly days: string;
}

const en: RoomWords = {
  title: "Waiting room",
  skip: "Skip to content",
  home: "PigonAir, home",
  demo: "PigonAir is an open ticketing system. No real flight can be bought here.",
  departs: "Departs {time}",

  joining: "Finding your place",
  joiningText: "One moment.",
  join: "Join the line",
  joinText:
    "More people want this flight than can be served at once. Everyone is served in order, and nobody can overtake.",

  place: "Your place in line",
  ahead: "People ahead of you",
  nobodyAhead: "Nobody",
  wait: "Expected wait",
  seatsLeft: "Seats left",
  odds: "Chance of a seat",
  oddsGood: "Good",
  oddsFair: "Uncertain",
  oddsLow: "Small",
  track: "How far the line has moved",

  opens: "The sale opens in",
  opensText:
    "You are in. Everyone who is here before the opening is put in order by a draw that anyone can check, so there is no need to hurry.",
  opensAt: "Opening",
  joined: "People here",
  drawHash: "Draw commitment",
  opening: "Opening now",

  door: "You are at the door",
  doorText: "You are among the next to be let in. Stay on this page.",
  call: "It's your turn",
  callText: "Your place at the door is kept for a few minutes. Come in now.",
  enter: "Come in",
  turn: "It's your turn",
  turnText: "Choose your seats. They are held for you while you pay.",
  turnEnds: "Your pass is valid for another {time}",
  choose: "Choose seats",

  kept: "Your place is kept. You can reload this page, close it, or come back on another device.",
  returned: "Welcome back. This is the place that you had.",
  next: "When it is your turn, this page says so at once. You then have {minutes} minutes to choose your seats.",
  byHand: "This page reloads by itself every {seconds} seconds.",

  paused: "The sale is paused",
  pausedText: "The line stands still for now. Your place is kept, and it goes on from where it was.",
  soldOut: "Sold out",
  soldOutText: "All seats are sold or held. If one comes back, the line goes on, and your place in it is kept.",
  closed: "The sale is closed",
  closedText: "No more seats are sold on this flight here.",
  off: "No waiting now",
  offText: "This flight has no line at the moment. You can choose your seats at once.",
  expired: "Your place was not used in time",
  expiredText:
    "Your turn came and was kept for a while, or your pass was used. You can join again, at the end of the line.",
  again: "Join again",
  refused: "You can't join this line",
  refusedText: "This sale is for accounts that were made before it was announced.",
  unknown: "There is no such flight",
  unknownText: "Check the address, or look for another flight.",
  draw: "How the order was drawn",
  needsScripts:
    "So many people are joining that this page needs JavaScript to let you in just now. Switch it on, or try again later.",
  otherFlights: "Look for other flights",
  logIn: "Log in to join the line",
  logInText: "A place belongs to a member, so that everybody has one. If you had a place already, it is kept.",
  anew: "The line was opened anew, and everybody has a new place.",
  working: "Checking that you are no robot. This takes a few seconds.",

  lost: "No connection. Your place is kept; we go on trying.",
  unavailable: "The waiting room can't be reached for a moment. Your place is kept; we go on trying.",
  back: "Connected again",

  soundOn: "Sound is on",
  soundOff: "Play a sound when it's my turn",
  soundHint: "Keep this tab open.",

  underMinute: "under 1 min",
  minutes: "about {low} min",
  minutesRange: "{low}–{high} min",
  hoursRange: "{low}–{high} h",
  days: "{days} d",
};

const ko: RoomWords = {
  title: "대기실",
  skip: "본문으로 건너뛰기",
  home: "PigonAir 홈",
  demo: "PigonAir는 공개 항공권 예매 시스템입니다. 실제 항공권은 판매하지 않습니다.",
  departs: "{time} 출발",

  joining: "내 순서를 확인하고 있습니다",
  joiningText: "잠시만 기다려 주세요.",
  join: "줄 서기",
  joinText:
    "지금은 한 번에 안내할 수 있는 인원보다 많은 분이 기다리고 있습니다. 모두 순서대로 안내하며, 아무도 앞지를 수 없습니다.",

  place: "내 순서",
  ahead: "내 앞 대기 인원",
  nobodyAhead: "없음",
  wait: "예상 대기 시간",
  seatsLeft: "남은 좌석",
  odds: "예매 가능성",
  oddsGood: "높음",
  oddsFair: "불확실",
  oddsLow: "낮음",
  track: "줄이 줄어든 정도",

  opens: "판매 시작까지",
  opensText:
    "입장을 기다리고 있습니다. 시작 전에 오신 분들의 순서는 누구나 검증할 수 있는 추첨으로 정하므로 서두르지 않아도 됩니다.",
  opensAt: "판매 시작",
  joined: "대기 인원",
  drawHash: "추첨 확약값",
  opening: "곧 시작합니다",

  door: "입구에 도착했습니다",
  doorText: "곧 입장합니다. 이 페이지에 머물러 주세요.",
  call: "입장할 차례입니다",
  callText: "입구에서 몇 분 동안 자리를 맡아 둡니다. 지금 입장해 주세요.",
  enter: "입장하기",
  turn: "입장할 차례입니다",
  turnText: "좌석을 고르세요. 결제하는 동안 좌석을 잡아 둡니다.",
  turnEnds: "입장권 유효 시간 {time}",
  choose: "좌석 선택",

  kept: "순서는 유지됩니다. 새로 고치거나 창을 닫거나 다른 기기에서 다시 들어와도 그대로입니다.",
  returned: "다시 오셨군요. 이전 순서가 그대로 유지되었습니다.",
  next: "차례가 되면 이 페이지에서 바로 알려 드립니다. 그때부터 {minutes}분 안에 좌석을 고르면 됩니다.",
  byHand: "이 페이지는 {seconds}초마다 저절로 새로 고쳐집니다.",

  paused: "판매가 잠시 멈췄습니다",
  pausedText: "지금은 줄이 움직이지 않습니다. 순서는 유지되며, 멈춘 자리에서 이어집니다.",
  soldOut: "매진되었습니다",
  soldOutText: "모든 좌석이 판매되었거나 결제 중입니다. 좌석이 다시 나오면 줄이 이어지고, 순서는 유지됩니다.",
  closed: "판매가 끝났습니다",
  closedText: "이 항공편은 여기에서 더 이상 판매하지 않습니다.",
  off: "지금은 기다리지 않아도 됩니다",
  offText: "이 항공편에는 현재 대기 줄이 없습니다. 바로 좌석을 고를 수 있습니다.",
  expired: "시간 안에 입장하지 않았습니다",
  expiredText:
    "차례가 되어 한동안 자리를 맡아 두었지만 입장하지 않았거나, 입장권을 이미 사용했습니다. 줄 끝에서 다시 설 수 있습니다.",
  again: "다시 줄 서기",
  refused: "이 줄에 설 수 없습니다",
  refusedText: "이번 판매는 공지 전에 가입한 회원만 참여할 수 있습니다.",
  unknown: "없는 항공편입니다",
  unknownText: "주소를 확인하거나 다른 항공편을 찾아보세요.",
  draw: "순서를 정한 추첨 확인하기",
  needsScripts:
    "지금은 줄 서는 분이 많아 자바스크립트가 있어야 줄을 설 수 있습니다. 자바스크립트를 켜거나 잠시 후 다시 시도해 주세요.",
  otherFlights: "다른 항공편 찾기",
  logIn: "로그인하고 줄 서기",
  logInText: "순서는 회원마다 하나씩 드립니다. 이미 받은 순서가 있다면 그대로 유지됩니다.",
  anew: "대기 줄이 새로 열려 모두 새 순서를 받았습니다.",
  working: "자동 프로그램이 아닌지 확인하고 있습니다. 몇 초 걸립니다.",

  lost: "연결이 끊겼습니다. 순서는 유지되며, 계속 다시 연결하고 있습니다.",
  unavailable: "대기실에 잠시 연결할 수 없습니다. 순서는 유지되며, 계속 다시 연결하고 있습니다.",
  back: "다시 연결되었습니다",

  soundOn: "소리 알림 켜짐",
  soundOff: "차례가 되면 소리로 알리기",
  soundHint: "이 탭을 열어 두세요.",

  underMinute: "1분 미만",
  minutes: "약 {low}분",
  minutesRange: "{low}~{high}분",
  hoursRange: "{low}~{high}시간",
  days: "{days}일",
};

export const ROOM_WORDS: Readonly<Record<Language, RoomWords>> = { en, ko };

export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
}
