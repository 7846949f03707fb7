/** Owns what cities and aircraft are called: the catalogue has cities in English, and aircraft as codes. */

import type { Language } from "../language.ts";

/** By airport, because a city may have several. */
const CITIES_KO: Readonly<Record<string, string>> = {
  AMS: "암스테르담",
  ATL: "애틀랜타",
  BKK: "방콕",
  CDG: "파리",
  CJJ: "청주",
  CJU: "제주",
  DEN: "덴버",
  DXB: "두바이",
  FRA: "프랑크푸르트",
  FUK: "후쿠오카",
  GMP: "서울 김포",
  HKG: "홍콩",
  HND: "도쿄 하네다",
  ICN: "서울 인천",
  JFK: "뉴욕",
  KIX: "오사카",
  LAX: "로스앤젤레스",
  LHR: "런던",
  NRT: "도쿄 나리타",
  ORD: "시카고",
  PEK: "베이징",
  PUS: "부산",
  PVG: "상하이",
  SFO: "샌프란시스코",
  SIN: "싱가포르",
  SYD: "시드니",
  TAE: "대구",
  TPE: "타이베이",
};

/** Where the city alone would not tell which airport is meant, or isn't what people call it. */
const CITIES_EN: Readonly<Record<string, string>> = {
  CJJ: "Cheongju",
  CJU: "Jeju",
  FRA: "Frankfurt",
  GMP: "Seoul Gimpo",
  HND: "Tokyo Haneda",
  ICN: "Seoul Incheon",
  JFK: "New York",
  NRT: "Tokyo Narita",
};

export interface Place {
  readonly code: string;
  readonly name: string;
  readonly city: string | null;
  readonly country: string | null;
}

/** What people call the place; its code for one that nobody knows. */
export function placeName(language: Language, code: string, place: Pick<Place, "city"> | undefined): string {
  return (language === "ko" ? CITIES_KO[code] : CITIES_EN[code]) ?? place?.city ?? code;
}

/** The airport's own name, which is English, where it tells more than what people call the place. */
export function airportName(language: Language, { code, name }: Place): string | null {
  return language === "ko" && code in CITIES_KO ? null : name;
}

/** All by which somebody may look for it, in small letters. */
export function placeTexts({ code, name, city }: Place): string {
  return [code, CITIES_KO[code], CITIES_EN[code], city, name].filter(Boolean).join(" ").toLowerCase();
}

const AIRCRAFT: Readonly<Record<string, string>> = {
  AT7: "ATR 72",
  "319": "Airbus A319",
  "320": "Airbus A320",
  "321": "Airbus A321",
  "32N": "Airbus A320neo",
  "32Q": "Airbus A321neo",
  "332": "Airbus A330-200",
  "333": "Airbus A330-300",
  "339": "Airbus A330-900",
  "359": "Airbus A350-900",
  "35K": "Airbus A350-1000",
  "388": "Airbus A380",
  "737": "Boeing 737",
  "738": "Boeing 737-800",
  "7M8": "Boeing 737 MAX 8",
  "744": "Boeing 747-400",
  "748": "Boeing 747-8",
  "772": "Boeing 777-200",
  "77W": "Boeing 777-300ER",
  "787": "Boeing 787",
  "788": "Boeing 787-8",
  "789": "Boeing 787-9",
};

export function aircraftName(type: string): string {
  return AIRCRAFT[type] ?? type;
}

/** The name of a cabin goes by its class (SSIM chapter 2): several letters stand for each. */
export function cabinClass(cabin: string): "F" | "J" | "W" | "Y" {
  if ("PFA".includes(cabin)) return "F";
  if ("JCDIZ".includes(cabin)) return "J";
  return cabin === "W" ? "W" : "Y";
}
