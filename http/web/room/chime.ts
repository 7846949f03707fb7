/** Owns the sound when it is one's turn: two bells, made in the browser, and only after its reader has asked for it. */

/** Hertz; a fourth that rises. */
const BELLS = [784, 1047];
const BELL_S = 1.4;
const APART_S = 0.22;

let audio: AudioContext | null = null;

export function canSound(): boolean {
  return "AudioContext" in globalThis;
}

/** To be called from a click: browsers let a page make sounds only then. */
export function allowSound(): void {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  ring(0.06);
}

export function isSoundAllowed(): boolean {
  return audio !== null;
}

export function forbidSound(): void {
  audio?.close().catch(() => {});
  audio = null;
}

/** Silent unless sound was allowed. @param loudness 0 to 1 */
export function ring(loudness = 0.4): void {
  if (audio === null) return;
  for (const [at, hertz] of BELLS.entries()) {
    const startS = audio.currentTime + at * APART_S;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, startS);
    volume.gain.linearRampToValueAtTime(loudness, startS + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, startS + BELL_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(startS);
    tone.stop(startS + BELL_S);
  }
}
